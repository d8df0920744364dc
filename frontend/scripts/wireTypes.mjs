// Reads one JSON schema on stdin and prints a TypeScript type per definition; called by `python -m wire.generate`.
import { compile } from "json-schema-to-typescript";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const schema = JSON.parse(Buffer.concat(chunks).toString("utf8"));
const text = await compile(schema, "Wire", {
  bannerComment: "// Generated from wire/*.py by `make wire`. Do not edit.",
  unreachableDefinitions: true,
  additionalProperties: false,
  ignoreMinAndMaxItems: true,
  format: true,
});
process.stdout.write(text);
