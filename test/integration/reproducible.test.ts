/** Two builds of the same inputs give the same released files, bit for bit, wherever they are made. */
import { reproducible } from './reproducible.ts'

reproducible('the development image', [])
