// Reads flow charts with Mermaid's own parser.
//
// Standard input: a JSON list of charts. Standard output: for each one `{error}`, or `{nodes, edges}`: the label of
// every node by its id, and `[from, to, label]` of every edge, as a page would show them.
import { readFileSync, writeFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");

/** The text that a label shows: its tags as line feeds, its entities decoded. */
function shown(label) {
  // Mermaid hides entities from its grammar while it parses.
  const html = label.replaceAll("ﬂ°°", "&#").replaceAll("ﬂ°", "&").replaceAll("¶ß", ";");
  const element = window.document.createElement("div");
  element.innerHTML = html.replaceAll("<br/>", "\n");
  return element.textContent;
}

/** What a chart holds. */
async function read(chart) {
  try {
    await mermaid.parse(chart);
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(chart);
    const nodes = [...db.getVertices().values()].map(({ id, text }) => [id, shown(text)]);
    const edges = db.getEdges().map(({ start, end, text }) => [start, end, text]);
    return { nodes: Object.fromEntries(nodes), edges };
  } catch (error) {
    return { error: String(error.message ?? error) };
  }
}

const found = [];
for (const chart of JSON.parse(readFileSync(0, "utf8"))) found.push(await read(chart));
writeFileSync(1, JSON.stringify(found)); // all of it: exit() does not wait for a pipe
process.exit(0);
