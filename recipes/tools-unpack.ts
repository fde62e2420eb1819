import { recipe } from './recipe.ts'

export default recipe({
  name: 'tools-unpack',
  about:
    'what unpacks packages, twice as fast as the xz of an older host, and sorts kernel modules',
  version: 'debian',
  license: 'debian',
  kind: 'tool',
  sources: [{ debian: ['kmod', 'xz-utils'] }],
  steps: ["unpack $src/debian $out --without 'usr/share/{doc,locale,man}/**'"],
  ships: ['**'],
})
