/** The same of the image that is given out, and of its compressed form. */
import { reproducible } from '../integration/reproducible.ts'

reproducible('the release image', ['--release'])
