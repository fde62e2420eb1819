/**
 * Set-up, run by `image/bt` under a lock: host packages, npm packages, the bundle of the CLI. Each
 * step looks first and does nothing when all is well. Plain JavaScript for the host's Node (20 or
 * newer); what needs the pinned Node is `bundle.ts`.
 */
import { spawn } from 'node:child_process'
import { accessSync, constants, existsSync, lstatSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { host, missing, which } from './host.mjs'
import { incomplete } from './modules.mjs'

const REPO = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const MODULES = join(REPO, 'node_modules')

const say = line => process.stderr.write(`bt: ${line}\n`)

function fail(...lines) {
  lines.forEach(say)
  process.exit(1)
}

/** A Ctrl-C reaches our children too: they get to clean up, then we end. */
let stopped = 0
process.on('SIGINT', () => (stopped = 130))
process.on('SIGTERM', () => (stopped = 143))

/** Runs a program with our terminal; its output goes where messages go. */
async function call(program, args) {
  const child = spawn(program, args, { cwd: REPO, stdio: [0, 2, 2] })
  const status = await new Promise(resolve => {
    child.once('error', error => resolve(error.message))
    child.once('close', (code, signal) => resolve(code ?? signal))
  })
  if (stopped !== 0) {
    say('stopped; the next call goes on from here')
    process.exit(stopped)
  }
  return status
}

async function hostPackages() {
  const lacking = missing()
  if (lacking.length === 0) return
  lacking.forEach(need => say(`${need.program} is missing: ${need.why}`))
  const packages = [...new Set(lacking.map(need => need.package))]
  const { name, debian } = host()
  if (!debian || which('apt-get') === undefined)
    fail(`this is ${name}, where bt cannot install them`, `please install: ${packages.join(' ')}`)
  const root = process.getuid?.() === 0
  if (!root && which('sudo') === undefined)
    fail(`as root, please run: apt-get install ${packages.join(' ')}`)
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...packages]
  say(`installing with apt-get${root ? '' : ' and sudo'}: ${packages.join(' ')}`)
  for (const command of [['apt-get', 'update', '-q'], install]) {
    const env = ['env', 'DEBIAN_FRONTEND=noninteractive', ...command]
    const [program, ...args] = root ? env : ['sudo', ...env]
    const status = await call(program, args)
    if (status !== 0) fail(`${command.join(' ')} ended with ${status}: see above`)
  }
}

function writable(folder) {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

async function npmPackages() {
  const why = incomplete(REPO)
  if (why !== undefined) {
    const place = existsSync(MODULES) ? MODULES : REPO
    if (!writable(place)) fail(`${why}, and ${place} cannot be written: make the checkout writable`)
    if (lstatSync(MODULES, { throwIfNoEntry: false })?.isSymbolicLink())
      fail(`${MODULES} is a link to ${readlinkSync(MODULES)}, where ${why}`, 'run bt there first')
    say(`fetching the packages that package-lock.json names (npm ci): ${why}`)
    const status = await call('npm', [
      'ci',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-update-notifier',
    ])
    if (status !== 0)
      fail(
        `npm ci ended with ${status}: see above`,
        'it needs the npm registry, or what it needs already in npm’s own cache',
      )
    const still = incomplete(REPO)
    if (still !== undefined) fail(`npm ci has run, but ${still}: is package-lock.json damaged?`)
  }
  // npx looks here first; for the package's own program npm makes no link itself.
  mkdirSync(join(MODULES, '.bin'), { recursive: true })
  const link = join(MODULES, '.bin', 'bt')
  if (!existsSync(link)) symlinkSync(join('..', '..', 'image', 'bt'), link)
}

async function bundle() {
  const node = join(MODULES, `node-linux-${process.arch}`, 'bin', 'node')
  const status = await call(node, [join(REPO, 'image', 'setup', 'bundle.ts')])
  if (status !== 0) fail(`bundling the command line ended with ${status}: see above`)
}

await hostPackages()
await npmPackages()
await bundle()
