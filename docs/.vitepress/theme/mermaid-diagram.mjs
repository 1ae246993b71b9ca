import { useData } from 'vitepress';
import { defineComponent, h, onMounted, ref, watch } from 'vue';
// Its finished program, as a file beside the pages: bundling its sources would take a minute.
import program from 'mermaid/dist/mermaid.min.js?url';

let loaded;
let drawn = 0;

/** Once for all diagrams, and only where there is one. */
function load() {
  loaded ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = program;
    script.onload = () => resolve(globalThis.mermaid);
    script.onerror = reject;
    document.head.append(script);
  });
  return loaded;
}

/** A diagram from its words, in the page's light or dark; the words themselves until it is drawn. */
export const MermaidDiagram = defineComponent({
  props: { code: { type: String, required: true } },
  setup(props) {
    const { isDark } = useData();
    const svg = ref('');
    const draw = async () => {
      const mermaid = await load();
      mermaid.initialize({ startOnLoad: false, theme: isDark.value ? 'dark' : 'neutral' });
      drawn += 1;
      const drawing = await mermaid.render(`diagram-${drawn}`, decodeURIComponent(props.code));
      svg.value = drawing.svg;
    };
    onMounted(() => {
      void draw();
      watch(isDark, draw);
    });
    return () =>
      svg.value === ''
        ? h('pre', { class: 'diagram' }, decodeURIComponent(props.code))
        : h('div', { class: 'diagram', innerHTML: svg.value });
  },
});
