// Bundles src into dist: files that are named by their content, and index.html, which names them.
import { build } from "esbuild";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";

await rm("dist", { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: { page: "src/main.tsx", style: "src/style.css", icon: "src/icon.svg" },
  outdir: "dist",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  metafile: true,
  target: ["es2022", "chrome111", "firefox113", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  loader: { ".svg": "copy", ".json": "json", ".png": "file" },
  legalComments: "linked",
  publicPath: "/page",
  logLevel: "info",
});

const names = new Map();
for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) {
  if (entryPoint) names.set(basename(entryPoint), basename(path));
}
const template = await readFile("src/index.html", "utf8");
const html = template.replaceAll(/\{\{(.+?)\}\}/g, (_, source) => {
  const name = names.get(source);
  if (!name) throw new Error(`index.html names ${source}, which was not built`);
  return `/page/${name}`;
});
await writeFile("dist/index.html", html);

// The licences of the packages that are part of the bundle go with it.
const packages = new Set(Object.keys(metafile.inputs).map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]));
const licences = [];
for (const name of [...packages].filter(Boolean).sort()) {
  const { version, license } = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8"));
  const file = (await readdir(`node_modules/${name}`)).find((one) => /^licen[cs]e/i.test(one));
  const text = file ? await readFile(`node_modules/${name}/${file}`, "utf8") : "";
  licences.push(`${name} ${version} (${license})\n\n${text.trim()}\n`);
}
await writeFile("dist/licences.txt", licences.join("\n\n"));
