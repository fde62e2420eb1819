/**
 * Runs the programs of an unpacked Debian tree on any host: each gets a wrapper script that starts
 * it through the tree's own loader with the tree's own libraries (ELF), or through the tree's own
 * interpreter (Python, Perl), and points what it reads at run time into the tree. Nothing of the
 * host is used but `/bin/sh`, nothing is written into the tree, and the tree may lie anywhere.
 */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { readProgram } from './tools/program.ts'

export type Toolset = {
  /** The unpacked tree. Absolute. */
  readonly root: string
  /** Folder with one wrapper per program. Absolute; put it on the PATH. */
  readonly bin: string
}

export class ToolsetError extends Error {
  readonly code: 'TOOLSET_BAD_PATH' | 'TOOLSET_NO_PROGRAMS'
  constructor(code: ToolsetError['code'], message: string) {
    super(message)
    this.name = 'ToolsetError'
    this.code = code
  }
}

/** Raised when wrappers change, so that older ones are written anew. */
const VERSION = 2

/** Folders whose programs get a wrapper; where two have one name, the first wins. */
const FOLDERS = ['usr/bin', 'usr/sbin', 'usr/lib/systemd', 'usr/libexec', 'usr/lib/qemu']

/**
 * Writes the wrappers of a tree, or finds them written.
 *
 * @param root  The unpacked tree, absolute. It is not changed.
 * @param bin  Folder for the wrappers, absolute; anything else in it is removed.
 * @throws {ToolsetError} `TOOLSET_BAD_PATH` when a path has what no wrapper or no search path can
 *   carry; `TOOLSET_NO_PROGRAMS` when the tree has none.
 */
export async function prepareToolset(root: string, bin: string): Promise<Toolset> {
  for (const path of [root, bin]) {
    // `:` and `;` part the folders of a search path, and `$` is expanded by the loader.
    if (!/^\/[^'":;$\n]*$/.test(path))
      throw new ToolsetError(
        'TOOLSET_BAD_PATH',
        `tools can't lie in ${path}: an absolute path without any of ' " : ; $ is needed`,
      )
  }
  const stamp = `${VERSION} ${root}\n`
  const mark = join(bin, '.root')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === stamp) return { root, bin }

  const made = `${bin}.${process.pid}`
  rmSync(made, { recursive: true, force: true })
  mkdirSync(made, { recursive: true })
  const wrap = wrapper(root, bin)
  let count = 0
  for (const folder of FOLDERS) {
    for (const name of listed(join(root, folder))) {
      if (existsSync(join(made, name))) continue
      const text = wrap(`${folder}/${name}`)
      if (text === undefined) continue
      writeFileSync(join(made, name), text, { mode: 0o755 })
      count++
    }
  }
  if (count === 0) {
    rmSync(made, { recursive: true })
    throw new ToolsetError(
      'TOOLSET_NO_PROGRAMS',
      `${root} has no programs in ${FOLDERS.join(', ')}`,
    )
  }
  writeFileSync(join(made, '.root'), stamp)
  await replaceFolder(made, bin, mark, stamp)
  return { root, bin }
}

/** A rename; when another process was faster with the same wrappers, theirs are as good. */
async function replaceFolder(made: string, bin: string, mark: string, stamp: string) {
  try {
    rmSync(bin, { recursive: true, force: true })
    renameSync(made, bin)
  } catch (error) {
    if (!existsSync(mark) || readFileSync(mark, 'utf8') !== stamp) throw error
    rmSync(made, { recursive: true, force: true })
  }
}

/** Gives the text of a program's wrapper, or nothing for what is no program that can be run. */
function wrapper(root: string, bin: string): (path: string) => string | undefined {
  const libraries = libraryFolders(root).join(':')
  const environment = pinned(root, bin)
  const command = (path: string): string | undefined => {
    const file = locate(root, path)
    const program = file && runnable(file) ? readProgram(file) : undefined
    if (!file || !program) return undefined
    if (program.kind === 'script') {
      const name = basename(program.interpreter)
      const by = /^(?:sh|dash)$/.test(name) ? '/bin/sh' : command(`usr/bin/${name}`)
      return by && [by, ...program.args.map(quoted), quoted(file)].join(' ')
    }
    if (program.loader === undefined) return quoted(file)
    // The tree is merged: `/lib64/ld-….so` is in `usr/lib64`, whether or not it has that link.
    const loader = locate(root, program.loader.replace(/^(?:\/usr)?\//, 'usr/'))
    // The wrapper's own path as argument 0: what starts itself again, starts its wrapper.
    return (
      loader &&
      `${quoted(loader)} --inhibit-cache --library-path ${quoted(libraries)} ` +
        `--argv0 ${quoted(join(bin, basename(path)))} ${quoted(file)}`
    )
  }
  return path => {
    const line = command(path)
    return line && `#!/bin/sh\n${environment}exec ${line} "$@"\n`
  }
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** What programs look up in folders of the host unless told otherwise; set when the tree has it. */
function pinned(root: string, bin: string): string {
  const libs = multiarch(root)
  const within = (...paths: string[]) =>
    paths.map(path => join(root, path)).filter(path => existsSync(path))
  const variables: [string, string[]][] = [
    ['LOCPATH', within('usr/lib/locale/C.utf8').map(path => join(path, '..'))],
    ['GCONV_PATH', within(`${libs}/gconv`)],
    ['OPENSSL_CONF', [join(root, 'etc/ssl/openssl.cnf')]],
    ['OPENSSL_MODULES', within(`${libs}/ossl-modules`)],
    ['MKE2FS_CONFIG', within('etc/mke2fs.conf')],
    ['QEMU_MODULE_DIR', within(`${libs}/qemu`)],
    ['PERL5LIB', within(...perlFolders(root, libs))],
    ['PYTHONHOME', within('usr/bin/python3').map(() => join(root, 'usr'))],
    // Compiled modules are kept beside the wrappers: the tree stays as it was unpacked.
    ['PYTHONPYCACHEPREFIX', [join(bin, '.pycache')]],
  ]
  const set = variables.filter(([, paths]) => paths.length > 0)
  return (
    'unset LD_PRELOAD LD_LIBRARY_PATH PYTHONPATH\n' +
    `export LC_ALL=C.UTF-8 PYTHONNOUSERSITE=1\n` +
    set.map(([name, paths]) => `export ${name}=${quoted(paths.join(':'))}\n`).join('')
  )
}

function perlFolders(root: string, libs: string): string[] {
  const versioned = (folder: string) =>
    listed(join(root, folder))
      .filter(name => /^[0-9.]+$/.test(name))
      .map(name => `${folder}/${name}`)
  return [
    ...versioned(`${libs}/perl5`),
    'usr/share/perl5',
    `${libs}/perl-base`,
    ...versioned(`${libs}/perl`),
    ...versioned('usr/share/perl'),
  ]
}

/** `usr/lib/x86_64-linux-gnu`, or `usr/lib` of a tree without it. */
function multiarch(root: string): string {
  const name = listed(join(root, 'usr/lib')).find(name => /-linux-gnu$/.test(name))
  return name ? `usr/lib/${name}` : 'usr/lib'
}

/** The library folder and those below it that hold libraries (systemd's, PulseAudio's, …). */
function libraryFolders(root: string): string[] {
  const top = join(root, multiarch(root))
  const holds = (folder: string) => listed(folder).some(name => /^lib.*\.so(?:\.|$)/.test(name))
  const below = listed(top).filter(name => name !== 'gconv' && !name.includes(':'))
  return [top, ...below.map(name => join(top, name)).filter(holds)]
}

/** The file that a path of the tree leads to, links followed within the tree; nothing outside. */
function locate(root: string, path: string): string | undefined {
  let file = join(root, path)
  for (let hops = 0; hops < 16; hops++) {
    if (!file.startsWith(`${root}/`)) return undefined
    const stat = lstatSync(file, { throwIfNoEntry: false })
    if (!stat?.isSymbolicLink()) return stat && file
    const target = readlinkSync(file)
    file = target.startsWith('/') ? join(root, target) : join(dirname(file), target)
  }
  return undefined
}

function runnable(file: string): boolean {
  const stat = statSync(file)
  return stat.isFile() && (stat.mode & 0o111) !== 0
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}
