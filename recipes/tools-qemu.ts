import { recipe } from './recipe.ts'

export default recipe({
  name: 'tools-qemu',
  about: 'what boots images, run from the cache by its own loader',
  version: 'debian',
  license: 'debian',
  kind: 'tool',
  tools: ['tools-unpack'],
  sources: [{ debian: ['ovmf', 'qemu-system-x86', 'qemu-utils', 'swtpm', 'swtpm-tools'] }],
  steps: ['unpack $src/debian $out'],
  ships: ['**'],
})
