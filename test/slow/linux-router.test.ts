/** The kernel compiled for routers: what Debian's own passes, its image passes too. */
import { imageIsUp } from '../boot/up.ts'

imageIsUp('the image with linux-router', { kernel: 'linux-router' })
