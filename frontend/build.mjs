// Builds realtime/static/netra/{chat.js,chat.css,base.css,netra-client.js}. tests/frontend/test_page.py computes the same digest without node.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

function sources() {
  const found = readdirSync(join(here, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(here, join(entry.parentPath, entry.name)).split(sep).join("/"));
  return [...found, "build.mjs", "package-lock.json"].sort();
}

function digest() {
  const hash = createHash("sha256");
  for (const name of sources()) {
    const bytes = readFileSync(join(here, name));
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex");
}

const banner = `/* Netra's page, built by \`make bundle\` from sources with sha256 ${digest()} */`;

const common = {
  absWorkingDir: here,
  outdir: process.argv[2] ?? "../realtime/static/netra",
  bundle: true,
  format: "esm",
  target: ["chrome111", "firefox113", "safari16.4"],
  charset: "utf8",
  logLevel: "info",
};

await esbuild.build({
  ...common,
  entryPoints: { chat: "src/app.js", base: "src/css/account-pages.css" },
  minify: true,
  legalComments: "eof",
  banner: { js: banner, css: banner },
});

// Others read this one and copy it: one file, in plain words.
await esbuild.build({
  ...common,
  entryPoints: { "netra-client": "src/client/index.js" },
  banner: { js: `${banner}\n/* Netra's websocket client, one module without dependencies: docs/client.md */` },
});
