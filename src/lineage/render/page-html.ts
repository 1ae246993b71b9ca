import { edgeKinds, type EdgeKind } from '../model';
import { dark, light, type Palette } from './palette';
import type { Picture } from './picture';
import { escaped } from './svg-parts';

const variables = (palette: Palette) =>
  Object.entries(palette)
    .map(([name, color]) => `--${name}:${color}`)
    .join(';');

export const pageStyle = `
:root{${variables(light)}}
@media (prefers-color-scheme:dark){:root{${variables(dark)}}}
*{box-sizing:border-box}
html,body{height:100%;margin:0}
body{display:flex;flex-direction:column;background:var(--paper);color:var(--ink);font:14px/1.4 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
header,footer{background:var(--card);padding:8px 16px;display:flex;flex-wrap:wrap;gap:6px 18px;align-items:center}
header{border-bottom:1px solid var(--border)}
footer{border-top:1px solid var(--border);font-size:12px;color:var(--faint);padding:5px 16px}
h1{font-size:16px;margin:0;overflow-wrap:anywhere;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden}
h2{font-size:14px;margin:0 0 2px;overflow-wrap:anywhere}
h3{font-size:12px;margin:14px 0 4px;color:var(--faint);font-weight:600}
p{margin:0}
.about{flex:1 1 220px;min-width:0}
.about p{font-size:12px}.note,.about p.note{font-size:12px;color:var(--faint)}
.tools{display:flex;flex-wrap:wrap;gap:6px 14px;align-items:center}
.search{position:relative}
input[type=search]{width:min(280px,70vw);padding:6px 10px;border:1px solid var(--border);border-radius:6px;background:var(--paper);color:var(--ink);font:inherit}
input[type=checkbox]{accent-color:var(--accent);margin:0}
#found{position:absolute;z-index:3;top:100%;left:0;margin:4px 0 0;padding:4px;list-style:none;background:var(--card);border:1px solid var(--border);border-radius:6px;box-shadow:0 6px 24px #0004;width:max-content;min-width:100%;max-width:min(560px,90vw);max-height:60vh;overflow:auto}
#found li{padding:3px 8px;border-radius:4px;cursor:pointer;overflow-wrap:anywhere}
#found li[aria-selected=true]{background:var(--accent);color:var(--card)}
#found small{opacity:.75;margin-left:8px}
button{font:inherit;color:inherit;background:var(--card);border:1px solid var(--border);border-radius:6px;padding:4px 10px;cursor:pointer}
button:hover:enabled{background:var(--head)}
button[aria-pressed=true]{background:var(--accent);border-color:var(--accent);color:var(--card)}
:disabled{opacity:.5;cursor:default}
:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
fieldset{border:0;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:4px 12px}
legend{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
label{display:inline-flex;gap:5px;align-items:center;font-size:13px}
.group{display:inline-flex}
.group button{border-radius:0;margin-left:-1px}
.group button:first-child{border-radius:6px 0 0 6px}
.group button:last-child{border-radius:0 6px 6px 0}
main{flex:1;display:flex;min-height:0}
#stage{flex:1;position:relative;overflow:hidden;min-width:0;touch-action:none;cursor:grab}
#stage:active{cursor:grabbing}
#stage:focus-visible{outline-offset:-3px}
#stage.over{cursor:pointer}
main{position:relative}
#status{position:absolute;left:12px;bottom:12px;z-index:2;max-width:60%;padding:3px 10px;border:1px solid var(--border);border-radius:6px;background:var(--card);font-size:12px;overflow-wrap:anywhere;pointer-events:none}
#status:empty{opacity:0}
canvas{position:absolute;top:0;left:0;transform-origin:0 0}
#panel{width:300px;max-width:45vw;overflow:auto;padding:12px 16px;background:var(--card);border-left:1px solid var(--border)}
#panel ul{list-style:none;margin:0;padding:0}
#panel li button{border:0;background:none;padding:2px 4px;margin-left:-4px;text-align:left;width:100%;overflow-wrap:anywhere;font-size:13px}
#panel li button:hover{background:var(--head)}
#panel .buttons{display:flex;flex-wrap:wrap;gap:6px;margin-top:8px}
.upstream{color:var(--upstream)}.downstream{color:var(--downstream)}
.added{color:var(--added)}.removed{color:var(--removed)}.changed{color:var(--changed)}
.key{display:inline-flex;gap:6px;align-items:center}
.key i{width:28px;border-top:2px solid var(--line)}
.key i.influence{border-top-style:dashed}.key i.other{border-top-style:dotted}
.key i.added{border-color:var(--added)}.key i.removed{border-color:var(--removed);border-top-style:dashed}.key i.changed{border-color:var(--changed)}
.key i.upstream{border-color:var(--upstream)}.key i.downstream{border-color:var(--downstream)}
kbd{font:11px ui-monospace,monospace;border:1px solid var(--border);border-radius:3px;padding:0 4px}
[hidden]{display:none!important}
@media (pointer:coarse){.keys{display:none}}
@media (max-width:640px){.keys{display:none}main{flex-direction:column}#panel{width:auto;max-width:none;max-height:45%;border-left:0;border-top:1px solid var(--border)}}
`;

/** What a person calls each kind. */
const kindLabels: Readonly<Record<EdgeKind, string>> = {
  fdd: 'values',
  frd: 'row counts',
  fdr: 'filters',
  join: 'joins',
  call: 'calls',
  other: 'others',
};

const key = (classes: string, words: string) =>
  `<span class="key"><i class="${classes}"></i>${words}</span>`;

/** The page's controls; what depends on names is put there by its script, as text. */
export function pageBody({ title, compared, edges, errors }: Picture, summary: string): string {
  const kinds = [...new Set(edges.kind)].sort((one, other) => one - other);
  const filters = kinds.map((kind) => {
    const name = edgeKinds[kind]!;
    return `<label><input type="checkbox" name="kind" value="${kind}" checked>${kindLabels[name]} <span class="note">${name}</span></label>`;
  });
  const legend = [
    key('', 'value'),
    key('influence', 'filter, row count'),
    key('other', 'join, call'),
    ...(compared
      ? [
          key('added', '<span class="added">+ added</span>'),
          key('removed', '<span class="removed">− removed</span>'),
          key('changed', '<span class="changed">~ changed</span>'),
        ]
      : []),
    key('upstream', 'upstream'),
    key('downstream', 'downstream'),
  ];
  const lack =
    errors === 0
      ? ''
      : `<p class="removed">${errors} ${errors === 1 ? 'error' : 'errors'} of the server: something may be missing here.</p>`;
  return `<header>
<div class="about"><h1 title="${escaped(title)}">${escaped(title)}</h1><p class="note">${escaped(summary)}</p>${lack}</div>
<div class="tools">
<div class="search"><input type="search" id="search" placeholder="Search tables and columns  ( / )" aria-label="Search tables and columns" role="combobox" aria-expanded="false" aria-controls="found" aria-autocomplete="list" autocomplete="off" spellcheck="false"><ul id="found" role="listbox" aria-label="Found" hidden></ul></div>
<div class="group" role="group" aria-label="Level"><button id="tables">Tables</button><button id="columns">Columns</button></div>
<div class="group" role="group" aria-label="Zoom"><button id="out" aria-label="Zoom out">−</button><button id="fit">Fit</button><button id="in" aria-label="Zoom in">+</button></div>
<fieldset id="kinds"><legend>Edges shown</legend>${filters.join('')}</fieldset>
${compared ? '<label><input type="checkbox" id="changes">changes only</label>' : ''}
<label><input type="checkbox" id="related" disabled>related only</label>
</div>
</header>
<main>
<div id="stage" tabindex="0" role="application" aria-label="Lineage, drawn. Arrow keys move it, plus and minus zoom, 0 fits it, Enter opens or closes the chosen table, Escape chooses nothing. The search finds every table and column, and what is chosen is described beside."><canvas></canvas></div>
<aside id="panel" aria-label="What is chosen" hidden></aside>
<div id="status" role="status"></div>
</main>
<footer>${legend.join('')}<span class="keys"><kbd>/</kbd> search <kbd>←↑↓→</kbd> move <kbd>+</kbd> <kbd>−</kbd> zoom <kbd>0</kbd> fit <kbd>Esc</kbd> clear</span></footer>
<noscript>This picture is drawn by a script, which this browser doesn't run.</noscript>`;
}
