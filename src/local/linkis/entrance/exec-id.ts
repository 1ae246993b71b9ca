const application = 'linkis-cg-entrance';

/**
 * What submit answers: `exec_id`, the two lengths in three digits, application, instance, and
 * `<creator>_<user>_<engine>_<index>`. A waiting row has no short id yet: its text ends in `null`.
 */
export function execIdOf(instance: string, shortId: string | null): string {
  const lengths = [application, instance].map((part) => String(part.length).padStart(3, '0'));
  return `exec_id${lengths.join('')}${application}${instance}${shortId}`;
}
