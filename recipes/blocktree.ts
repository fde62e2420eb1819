import { recipe } from './recipe.ts'

export default recipe({
  name: 'blocktree',
  about: 'the node: the daemon and its web app as one executable',
  version: ctx => ctx.version,
  license: 'Apache-2.0',
  needs: ['node-runtime'],
  sources: [{ files: ['node/**', 'package.json', 'LICENSE'] }],
  steps: ctx => [
    `bundle $src/node/main.ts $work/blocktree.cjs --define BLOCKTREE_VERSION=${ctx.version}`,
    'bundle $src/node/web/app.ts $work/web/app.js --for browser',
    'install 0644 $src/node/web/index.html $src/node/web/app.css $src/node/web/icon.svg $work/web/',
    'sea $work/blocktree.cjs $in/node-runtime/bin/node $out/usr/bin/blocktree --assets web=$work/web --node-option=--max-old-space-size=128',
    'install 0644 $src/LICENSE $out/usr/share/doc/blocktree/copyright',
    'install 0644 $in/node-runtime/LICENSE $out/usr/share/doc/node-runtime/copyright',
  ],
  ships: ['usr/bin/blocktree', 'usr/share/doc/*/copyright'],
  check: ctx => (ctx.arch === 'amd64' ? ['$out/usr/bin/blocktree --version'] : []),
})
