/**
 * `step` in a recipe's shell: runs steps of the recipe, or a line as a step, exactly as a build does:
 * `node step-here.ts PLACE.json [all | N | N-M | LINE]`. PLACE.json is a {@link StepRequest}.
 */
import { readFileSync } from 'node:fs'
import { stepFault } from '../recipe/check-step.ts'
import { verbNames } from './action.ts'
import { stepper } from './step.ts'
import type { StepRequest } from './step-runner.ts'

const [file = '', ...words] = process.argv.slice(2)
const request = JSON.parse(readFileSync(file, 'utf8')) as StepRequest

/** The lines that the words stand for; undefined when they stand for none. */
function chosen(text: string): readonly string[] | undefined {
  const { steps } = request
  if (text === 'all') return steps
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? []
  if (first === undefined) return text === '' ? undefined : [text]
  const lines = steps.slice(Number(first) - 1, Number(last ?? first))
  return Number(first) > 0 && lines.length > 0 ? lines : undefined
}

async function main(): Promise<number> {
  const lines = chosen(words.join(' '))
  if (lines === undefined) {
    const most = request.steps.length
    console.error(`step N, step N-M (1 to ${most}), step all, or step 'a line as in a recipe'`)
    request.steps.forEach((step, i) => console.error(`${String(i + 1).padStart(3)}  ${step}`))
    return 2
  }
  const run = await stepper({ ...request, cwd: process.cwd(), verbs: verbNames() })
  for (const step of lines) {
    const fault = stepFault(step)
    if (fault !== undefined) {
      console.error(`a recipe can't have this step, it has ${fault[0]}; ${fault[1]}`)
      return 2
    }
    console.log(`+ ${step}`)
    const failed = await run(step)
    if (failed !== undefined) {
      console.error(`failed: ${failed}`)
      return 1
    }
  }
  return 0
}

process.exitCode = await main()
