import type { LineageObject } from '../analysis/model';
import { Padding } from './padding';
import { qualifiedName, tableRelations } from './table-level';
import type { LineageView } from './view';

const head = `<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<graphml xmlns="http://graphml.graphdrafting.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:y="http://www.yworks.com/xml/graphml" xsi:schemaLocation="http://graphml.graphdrafting.org/xmlns http://www.yworks.com/xml/schema/graphml/1.1/ygraphml.xsd">
  <key for="node" id="nodegraphics" yfiles.type="nodegraphics"/>
  <key for="edge" id="edgegraphics" yfiles.type="edgegraphics"/>
  <graph id="G" edgedefault="directed">
`;

/** What a table of the padding takes here, a little less than that. */
const bytesATable = 9000;

/** A graph that yEd shows: a group for each table with a node for each column, or a node a table. */
export function* graphmlOf(view: LineageView, tableToTable: boolean): Generator<string> {
  yield head;
  const edges = tableToTable ? tableEdges(view) : columnEdges(view);
  const used = new Set(edges.flatMap(({ source, target }) => [source, target]));
  for (const object of view.objects) {
    if (tableToTable && used.has(tableId(object)))
      yield node(tableId(object), qualifiedName(object), 200);
    if (!tableToTable) yield* group(object);
  }
  const padding = new Padding(view, bytesATable);
  for (const object of padding.objects()) yield* group(object);
  for (const [index, { source, target, label }] of edges.entries()) {
    yield edge(`e${index}`, source, target, label);
  }
  for (const { id, source, from, target, to } of padding.steps()) {
    yield edge(`e${id}`, columnId(source, from.id), columnId(target, to.id), 'fdd');
  }
  yield '  </graph>\n</graphml>\n';
}

function edge(id: string, source: string, target: string, label: string): string {
  return `    <edge id="${id}" source="${source}" target="${target}"><data key="edgegraphics"><y:PolyLineEdge><y:Arrows source="none" target="standard"/><y:EdgeLabel>${escaped(label)}</y:EdgeLabel></y:PolyLineEdge></data></edge>\n`;
}

function* group(object: LineageObject): Generator<string> {
  const id = tableId(object);
  yield `    <node id="${id}" yfiles.foldertype="group"><data key="nodegraphics"><y:ProxyAutoBoundsNode><y:Realizers active="0"><y:GroupNode><y:NodeLabel modelName="internal" modelPosition="t">${escaped(qualifiedName(object))}</y:NodeLabel><y:State closed="false"/></y:GroupNode></y:Realizers></y:ProxyAutoBoundsNode></data>\n`;
  yield `    <graph id="${id}:" edgedefault="directed">\n`;
  for (const column of object.columns) yield node(columnId(object, column.id), column.name, 160);
  yield '    </graph></node>\n';
}

function node(id: string, label: string, width: number): string {
  return `    <node id="${id}"><data key="nodegraphics"><y:ShapeNode><y:Geometry height="24" width="${width}"/><y:NodeLabel>${escaped(label)}</y:NodeLabel><y:Shape type="rectangle"/></y:ShapeNode></data></node>\n`;
}

interface Edge {
  readonly source: string;
  readonly target: string;
  readonly label: string;
}

function columnEdges(view: LineageView): Edge[] {
  const idOf = (column: number) => {
    const owner = view.owners.get(column);
    return owner ? columnId(owner, column) : '';
  };
  return view.relations.flatMap(({ sources, target, type }) =>
    sources.map(({ column }) => ({
      source: idOf(column),
      target: idOf(target.column),
      label: type,
    })),
  );
}

function tableEdges(view: LineageView): Edge[] {
  return tableRelations(view).map(({ source, target, relation }) => ({
    source: tableId(source),
    target: tableId(target),
    label: relation.type,
  }));
}

function tableId(object: LineageObject): string {
  return `n${object.id}`;
}

function columnId(owner: LineageObject, column: number): string {
  return `${tableId(owner)}::n${column}`;
}

/** XML has no place for control characters at all, not even escaped. */
function escaped(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
