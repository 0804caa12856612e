// Bundles the page with matrix-js-sdk as an application would ship it.
import { build } from "esbuild";

await build({
  entryPoints: ["page.mjs"],
  outfile: "dist/page.js",
  bundle: true,
  format: "iife",
  platform: "browser",
  target: "chrome110",
  define: { global: "globalThis", "process.env.NODE_ENV": '"production"' },
  // The page does not encrypt: the WebAssembly of the crypto library is loaded on demand only, hence never.
  external: ["@matrix-org/matrix-sdk-crypto-wasm"],
  logLevel: "warning",
});
