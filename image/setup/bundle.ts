/**
 * Bundles the CLI with esbuild into `build/bt`: `bt.cjs`, a stub that checks that nothing it was
 * made of has changed, and a folder named by the bundle's hash with one file per verb, so that a
 * verb loads nothing of the others. The stub is put in place last, by a rename.
 */
import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { BUILD, REPO } from '../paths.ts'
import { stub } from './stub.ts'

/** Old bundles a just started `bt` may still be loading from are kept this long. */
const KEEP_MS = 60 * 60 * 1000

const CLI = join(REPO, 'image', 'cli')

/** Programs and libraries with files of their own: loaded from node_modules, when needed at all. */
const EXTERNAL = ['esbuild', 'playwright-core', 'prettier', 'typescript']

/** What the CycloneDX library would use for XML and to validate, which only tests do. */
const UNUSED = ['ajv', 'ajv-formats', 'ajv-formats-draft2019', 'libxmljs2', 'xmlbuilder2']

/** What the CLI loads with a constant `import()` becomes a bundle of its own. */
const parts: Plugin = {
  name: 'parts',
  setup(build) {
    build.onResolve({ filter: /^\.\/[a-z-]+\.ts$/ }, args =>
      args.kind === 'dynamic-import' && dirname(args.importer) === CLI
        ? { path: args.path.replace(/ts$/, 'cjs'), external: true }
        : undefined,
    )
  },
}

/** `main.ts` and every file of the CLI that another one imports dynamically. */
function entries(): string[] {
  const texts = readdirSync(CLI)
    .filter(name => name.endsWith('.ts'))
    .map(name => readFileSync(join(CLI, name), 'utf8'))
  const named = texts.flatMap(text => [...text.matchAll(/\bimport\('\.\/([a-z-]+\.ts)'\)/g)])
  const names = new Set(['main.ts', ...named.map(match => match[1]!)])
  return [...names].map(name => join(CLI, name)).filter(file => existsSync(file))
}

/** CommonJS has no `import.meta`; sources find their files through it as if they were not bundled. */
const meta: Plugin = {
  name: 'import.meta',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async args => {
      const text = await readFile(args.path, 'utf8')
      const path = (file: string) =>
        `(process.env.BT_REPO+${JSON.stringify(join('/', relative(REPO, file)))})`
      const contents = text
        .replaceAll('import.meta.dirname', path(dirname(args.path)))
        .replaceAll('import.meta.filename', path(args.path))
        .replaceAll('import.meta.url', `require('node:url').pathToFileURL${path(args.path)}.href`)
      return { contents, loader: 'ts' }
    })
  },
}

/** Bundles and gives the files, relative to the checkout, that the result depends on. */
async function bundle(): Promise<{ files: string[]; outputs: { name: string; text: string }[] }> {
  const { metafile, outputFiles } = await build({
    absWorkingDir: REPO,
    entryPoints: entries(),
    outdir: 'out',
    outExtension: { '.js': '.cjs' },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: 'linked',
    sourcesContent: false,
    external: [...EXTERNAL, ...UNUSED],
    plugins: [parts, meta],
    logLevel: 'warning',
  })
  const files = Object.keys(metafile.inputs).filter(file => !file.startsWith('node_modules/'))
  files.push(
    'tsconfig.json',
    'package-lock.json',
    'node_modules/.package-lock.json',
    'node_modules/.bin/bt',
  )
  files.push('image/cli', ...readdirSync(join(REPO, 'image/setup')).map(n => `image/setup/${n}`))
  const outputs = outputFiles.map(file => ({
    name: relative(join(REPO, 'out'), file.path),
    text: file.text,
  }))
  return { files: files.sort(), outputs }
}

function put(files: readonly string[], outputs: readonly { name: string; text: string }[]): void {
  const home = join(BUILD, 'bt')
  const hash = createHash('sha256')
  for (const { name, text } of outputs) hash.update(`${name}\0${text.length}\0${text}`)
  const folder = hash.digest('hex').slice(0, 16)
  const temporary = join(home, `.${folder}.${process.pid}`)
  mkdirSync(temporary, { recursive: true })
  for (const { name, text } of outputs) writeFileSync(join(temporary, name), text)
  if (existsSync(join(home, folder))) rmSync(temporary, { recursive: true })
  else renameSync(temporary, join(home, folder))
  writeFileSync(`${temporary}.cjs`, stub(REPO, files, folder))
  renameSync(`${temporary}.cjs`, join(home, 'bt.cjs'))
  for (const name of readdirSync(home)) {
    const old = /^\.?[0-9a-f]{16}/.test(name) && name !== folder
    if (old && Date.now() - lstatSync(join(home, name)).mtimeMs > KEEP_MS)
      rmSync(join(home, name), { recursive: true, force: true })
  }
}

/** Bundles again when a source was saved meanwhile, as its state on disk is not what was bundled. */
for (let attempt = 1; ; attempt++) {
  const started = Date.now()
  const { files, outputs } = await bundle().catch(() => process.exit(1)) // esbuild has said why
  const saved = files.some(file => lstatSync(join(REPO, file)).mtimeMs >= started)
  if (saved && attempt < 5) continue
  put(files, outputs)
  break
}
