// Writes src/wire/types.gen.ts from schema/wire.schema.json; `generate()` alone is what the staleness test compares.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";

const SCHEMA = new URL("../schema/wire.schema.json", import.meta.url);
const TARGET = new URL("../src/wire/types.gen.ts", import.meta.url);
const BANNER = "/* Generated from schema/wire.schema.json by `npm run types`; do not edit. */";

/** Field titles would each become a type of their own, and tuples are spelled in the older way the compiler reads. */
function simplify(node, isDefinition) {
  if (Array.isArray(node)) return node.map((item) => simplify(item, false));
  if (node === null || typeof node !== "object") return node;
  if ("$ref" in node) return { $ref: node.$ref }; // a default beside a reference would fork the named type
  const plain = {};
  for (const [name, value] of Object.entries(node)) {
    if (name === "title" && typeof value === "string" && !isDefinition) continue;
    if (name === "discriminator") continue;
    if (name === "prefixItems") {
      plain.items = simplify(value, false);
      plain.additionalItems = false;
      continue;
    }
    if (name === "properties" || name === "$defs") {
      const inside = Object.entries(value).map(([key, item]) => [key, simplify(item, name === "$defs")]);
      plain[name] = Object.fromEntries(inside);
      continue;
    }
    plain[name] = simplify(value, false);
  }
  return plain;
}

/** The text of types.gen.ts for the schema as it is now. */
export async function generate() {
  const schema = simplify(JSON.parse(await readFile(SCHEMA, "utf8")), true);
  schema.title = "WireDocument";
  schema.type = "object";
  schema.additionalProperties = false;
  return compile(schema, "WireDocument", {
    bannerComment: BANNER,
    ignoreMinAndMaxItems: true,
    unreachableDefinitions: true,
    style: { printWidth: 120 },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(TARGET, await generate());
}
