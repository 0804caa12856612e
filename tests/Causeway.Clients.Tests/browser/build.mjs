// Bundles the pages with matrix-js-sdk as an application would ship it.
import { copyFile, mkdir } from "node:fs/promises";
import { build } from "esbuild";

const wasm = "@matrix-org/matrix-sdk-crypto-wasm";
const common = {
  bundle: true,
  format: "iife",
  platform: "browser",
  target: "chrome110",
  logLevel: "warning",
};
const define = { global: "globalThis", "process.env.NODE_ENV": '"production"' };

// This page does not encrypt: the WebAssembly of the crypto library is loaded on demand only, hence never.
await build({ ...common, entryPoints: ["page.mjs"], outfile: "dist/page.js", define, external: [wasm] });
// This one does: the library looks for its WebAssembly beside its own script, which is the page's address.
await build({
  ...common,
  entryPoints: ["secret-page.mjs"],
  outfile: "dist/secret-page.js",
  define: { ...define, "import.meta.url": "document.baseURI" },
});
await mkdir("dist/pkg", { recursive: true });
await copyFile(`node_modules/${wasm}/pkg/matrix_sdk_crypto_wasm_bg.wasm`, "dist/pkg/matrix_sdk_crypto_wasm_bg.wasm");
