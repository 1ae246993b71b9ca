/** An activity of one's own, beside those of the plugin. */
export async function announce(text: string): Promise<string> {
  console.log(text);
  return text;
}
