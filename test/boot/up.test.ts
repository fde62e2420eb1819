import { imageIsUp } from './up.ts'

imageIsUp('the image')
