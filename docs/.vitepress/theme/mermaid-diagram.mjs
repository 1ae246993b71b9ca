import { useData } from 'vitepress';
import { defineComponent, h, onMounted, ref, watch } from 'vue';
// Its finished program, as a file beside the pages: bundling its sources would take a minute.
import program from 'mermaid/dist/mermaid.min.js?url';

const text = { fontFamily: 'Inter, system-ui, sans-serif', fontSize: '14px' };
/** The site's own colours: a label stands on the page's ground, not on a plate of another grey. */
const light = {
  ...text,
  primaryColor: '#f6f6f7',
  primaryTextColor: '#3c3c43',
  primaryBorderColor: '#a9abb3',
  lineColor: '#67676c',
  edgeLabelBackground: '#ffffff',
  clusterBkg: '#fafafb',
  clusterBorder: '#d4d4d8',
  noteBkgColor: '#eef2ff',
  noteBorderColor: '#a8b1ff',
  noteTextColor: '#3c3c43',
  labelBoxBkgColor: '#f6f6f7',
};
const dark = {
  ...text,
  darkMode: true,
  primaryColor: '#2b2c33',
  primaryTextColor: '#dfdfd6',
  primaryBorderColor: '#6a6b75',
  lineColor: '#98989f',
  edgeLabelBackground: '#1b1b1f',
  clusterBkg: '#202127',
  clusterBorder: '#45464f',
  noteBkgColor: '#262b44',
  noteBorderColor: '#5c73e7',
  noteTextColor: '#dfdfd6',
  labelBoxBkgColor: '#2b2c33',
};
/** Close together: a page's column is 624 pixels wide, and a diagram is read without scrolling. */
const drawing = {
  startOnLoad: false,
  theme: 'base',
  sequence: { width: 110, height: 42, actorMargin: 24, messageMargin: 28, messageFontSize: 14 },
  flowchart: { nodeSpacing: 24, rankSpacing: 36, padding: 10 },
  state: { nodeSpacing: 24, rankSpacing: 36 },
};

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
      mermaid.initialize({ ...drawing, themeVariables: isDark.value ? dark : light });
      drawn += 1;
      const made = await mermaid.render(`diagram-${drawn}`, decodeURIComponent(props.code));
      svg.value = made.svg;
    };
    onMounted(() => {
      void draw();
      watch(isDark, draw);
    });
    return () =>
      svg.value === ''
        ? h('pre', { class: 'diagram' }, decodeURIComponent(props.code))
        : h('div', {
            class: 'diagram',
            style: { '--drawn-width': `${widthOf(svg.value)}px` },
            innerHTML: svg.value,
          });
  },
});

/** How wide a drawing is by itself, in pixels. */
function widthOf(drawing) {
  return Number(/viewBox="\S+ \S+ ([\d.]+)/.exec(drawing)?.[1] ?? 0);
}
