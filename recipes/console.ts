import { recipe } from './recipe.ts'

export default recipe({
  name: 'console',
  about: 'a root shell on the console and the programs to look around; development images only',
  version: 'debian',
  license: 'debian',
  needs: ['base'],
  tools: ['tools-unpack'],
  sources: [{ debian: ['busybox-static'] }, { files: ['board/console/**'] }],
  steps: ['unpack $src/debian $out', 'merge $src/board/console $out'],
  ships: ['usr/**', '.packages/*'],
})
