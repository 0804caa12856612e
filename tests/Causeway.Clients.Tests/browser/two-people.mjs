// Two people in two browser contexts use matrix-js-sdk against the server named by --server: --story talk or --story secret.
// Prints one JSON object: { ok, steps: [{ step, ok, milliseconds, error }], faults, warnings }; exit code 0 when ok.
import { parseArgs } from "node:util";
import { randomBytes } from "node:crypto";
import { openBrowser } from "./browser.mjs";

const { values } = parseArgs({
  options: { server: { type: "string", default: "http://127.0.0.1:8008" }, story: { type: "string", default: "talk" } },
});
const stories = { talk: ["./story.mjs", "page"], secret: ["./secret-story.mjs", "secret-page"] };
const [script, page] = stories[values.story];
const { story } = await import(script);
const faults = [];
const warnings = [];
const steps = [];
const people = [];
const browser = await openBrowser(page);

// A step that fails ends the story: those after it stand on it.
async function step(name, work) {
  const start = performance.now();
  const result = { step: name, ok: false, milliseconds: 0 };
  steps.push(result);
  try {
    await work();
    result.ok = true;
  } catch (error) {
    result.error = String(error.message).slice(0, 3000);
    throw error;
  } finally {
    result.milliseconds = Math.round(performance.now() - start);
  }
}

async function person(name) {
  const opened = await browser.person(name, faults);
  people.push(opened);
  return opened;
}

try {
  await story({ server: values.server, suffix: randomBytes(4).toString("hex"), step, person });
} catch (error) {
  if (steps.every((s) => s.ok)) faults.push(String(error.stack));
}
for (const one of people) {
  const lines = await one.call("logged").catch(() => []);
  warnings.push(...lines.map((line) => `${one.name}: ${line}`));
}
await browser.close();
const ok = steps.length > 0 && steps.every((s) => s.ok) && faults.length === 0;
console.log(JSON.stringify({ ok, steps, faults, warnings: warnings.slice(0, 50) }, null, 2));
process.exitCode = ok ? 0 : 1;
