/**
 * An inventory as CycloneDX 1.6 in JSON (ECMA-424). Deterministic: no serial number, the time is the
 * release date. Source packages are not components here, but the `upstream` of their packages' purl.
 */
import { ComponentScope, ComponentType, HashAlgorithm } from '@cyclonedx/cyclonedx-library/Enums'
import {
  Bom,
  Component as CdxComponent,
  LicenseExpression,
  Metadata,
  Property,
  Tools,
} from '@cyclonedx/cyclonedx-library/Models'
import { JSON as Json, JsonSerializer } from '@cyclonedx/cyclonedx-library/Serialize'
import { Spec1dot6 } from '@cyclonedx/cyclonedx-library/Spec'
import type { Component, Inventory } from './inventory.ts'
import type { Whole } from './spdx.ts'

const TYPES: Readonly<Record<Exclude<Component['kind'], 'source'>, ComponentType>> = {
  deb: ComponentType.Library,
  npm: ComponentType.Library,
  url: ComponentType.File,
  recipe: ComponentType.Application,
}

const ALGORITHMS: Readonly<Record<string, HashAlgorithm>> = {
  sha256: HashAlgorithm['SHA-256'],
  sha512: HashAlgorithm['SHA-512'],
}

/** The document's text. */
export function cyclonedxText(inventory: Inventory, whole: Whole): string {
  const { context, components, edges } = inventory
  const top = new CdxComponent(
    whole.image ? ComponentType.Firmware : ComponentType.Application,
    whole.name,
    { bomRef: 'image', version: whole.version, description: whole.about },
  )
  if (whole.image) top.hashes.set(HashAlgorithm['SHA-256'], whole.image.sha256)
  const tools = new Tools()
  tools.components.add(
    new CdxComponent(ComponentType.Application, 'bt', { version: whole.version }),
  )
  const bom = new Bom({
    metadata: new Metadata({ timestamp: new Date(context.epoch * 1000), tools, component: top }),
  })
  const made = new Map<string, CdxComponent>()
  for (const component of components) {
    if (component.kind === 'source') continue
    const scope = whole.has === 'BUILD_TOOL_OF' ? ComponentScope.Excluded : ComponentScope.Required
    const one = componentOf(component, TYPES[component.kind], scope)
    made.set(component.id, one)
    bom.components.add(one)
    if (component.kind === 'recipe') top.dependencies.add(one.bomRef)
  }
  for (const { from, is, to } of edges) {
    const [one, other] = [made.get(from), made.get(to)]
    if (!one || !other) continue
    one.dependencies.add(other.bomRef)
    if (is === 'generatedFrom') one.properties.add(new Property('blocktree:generatedFrom', to))
  }
  const serializer = new JsonSerializer(new Json.Normalize.Factory(Spec1dot6))
  return `${serializer.serialize(bom, { sortLists: true, space: 1 })}\n`
}

function componentOf(
  { id, kind, name, version, about, purl, cpe, pin, license, text }: Component,
  type: ComponentType,
  scope: ComponentScope,
): CdxComponent {
  const one = new CdxComponent(type, name, {
    bomRef: id,
    version,
    scope,
    ...(about !== undefined && { description: about }),
    ...(purl !== undefined && { purl }),
    ...(cpe !== undefined && { cpe: cpe as `cpe:2.3:${string}` }),
  })
  const [algorithm = '', hash = ''] = pin?.split(':') ?? []
  if (ALGORITHMS[algorithm]) one.hashes.set(ALGORITHMS[algorithm], hash)
  if (license !== undefined) one.licenses.add(new LicenseExpression(license))
  if (text) one.properties.add(new Property('blocktree:licenseText', `licenses/${text}`))
  if (kind === 'recipe') one.properties.add(new Property('blocktree:kind', 'recipe'))
  return one
}
