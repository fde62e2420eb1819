import { recipe } from './recipe.ts'

export default recipe({
  name: 'tools-build',
  about: 'what works on executables, run from the cache by its own loader',
  version: 'debian',
  license: 'debian',
  kind: 'tool',
  tools: ['tools-unpack'],
  sources: [{ debian: ['binutils'] }],
  steps: ['unpack $src/debian $out'],
  ships: ['**'],
})
