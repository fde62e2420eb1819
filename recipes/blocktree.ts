import { recipe } from './recipe.ts'

/** Packages of npm in the executable, and where each keeps its licence; one has none of its own. */
const PACKAGES: Readonly<Record<string, string | undefined>> = {
  '@ipld/dag-cbor': undefined,
  '@noble/ciphers': 'LICENSE',
  '@noble/curves': 'LICENSE',
  '@noble/hashes': 'LICENSE',
  '@noble/post-quantum': 'LICENSE',
  '@scure/base': 'LICENSE',
  '@scure/bip39': 'LICENSE',
  'age-encryption': 'LICENSE',
  cborg: 'LICENSE',
  hpke: 'LICENSE.md',
  multiformats: 'LICENSE',
  'vscode-jsonrpc': 'License.txt',
}

const names = Object.keys(PACKAGES)
const flat = (name: string) => `npm-${name.replace('@', '').replace('/', '-')}`

export default recipe({
  name: 'blocktree',
  about: 'the node: the daemon and its web app as one executable',
  version: ctx => ctx.version,
  license: 'Apache-2.0 AND BSD-3-Clause AND MIT',
  needs: ['node-runtime'],
  sources: [
    { files: ['node/**', 'package.json', 'LICENSE'] },
    ...names.map(name => ({ npm: name })),
  ],
  steps: ctx => [
    ...names.map(name => `unpack $src/npm/${name}.tgz $work/npm/node_modules/${name}`),
    `bundle $src/node/main.ts $work/blocktree.cjs --modules $work/npm --define BLOCKTREE_VERSION=${ctx.version}`,
    'bundle $src/node/web/app.ts $work/web/app.js --for browser',
    'install 0644 $src/node/web/index.html $src/node/web/app.css $src/node/web/icon.svg $work/web/',
    'sea $work/blocktree.cjs $in/node-runtime/bin/node $out/usr/bin/blocktree --assets web=$work/web --node-option=--max-old-space-size=128 --node-option=--max-semi-space-size=1',
    'install 0644 $src/LICENSE $out/usr/share/doc/blocktree/copyright',
    'install 0644 $in/node-runtime/LICENSE $out/usr/share/doc/node-runtime/copyright',
    ...Object.entries(PACKAGES)
      .filter(([, file]) => file !== undefined)
      .map(
        ([name, file]) =>
          `install 0644 $work/npm/node_modules/${name}/${file} $out/usr/share/doc/${flat(name)}/copyright`,
      ),
  ],
  ships: ['usr/bin/blocktree', 'usr/share/doc/*/copyright'],
  check: ctx =>
    ctx.arch === 'amd64'
      ? [
          '$out/usr/bin/blocktree --version',
          '$out/usr/bin/blocktree init $work/node',
          '$out/usr/bin/blocktree fsck --dir $work/node',
        ]
      : [],
})
