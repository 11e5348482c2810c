/**
 * Invariants of R4's definitions as JavaScript, by their FHIRPath text: those that nearly every
 * record meets. `v` is the element, `{name}` asks whether its child is there. Empty: checked by the
 * walk itself.
 */
export const nativeInvariants: ReadonlyMap<string, string> = new Map([
  ['hasValue() or (children().count() > id.count())', ''],
  // dom-2 … dom-6: contained.ts
  ['contained.contained.empty()', ''],
  ['contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()', ''],
  ['contained.meta.security.empty()', ''],
  ['text.`div`.exists()', ''],
  [
    "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | %resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = '#').exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(canonical) = '#').exists()).not()).trace('unmatched', id).empty()",
    '',
  ],
  // ref-1: local references are looked at when the whole resource was seen
  [
    "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))",
    '',
  ],
  ['htmlChecks()', ''],
  // bdl-1 … bdl-12: bundle.ts
  ["total.empty() or (type = 'searchset') or (type = 'history')", ''],
  ["entry.search.empty() or (type = 'searchset')", ''],
  [
    "entry.all(request.exists() = (%resource.type = 'batch' or %resource.type = 'transaction' or %resource.type = 'history'))",
    '',
  ],
  [
    "entry.all(response.exists() = (%resource.type = 'batch-response' or %resource.type = 'transaction-response' or %resource.type = 'history'))",
    '',
  ],
  [
    "(type = 'history') or entry.where(fullUrl.exists()).select(fullUrl&resource.meta.versionId).isDistinct()",
    '',
  ],
  ["type = 'document' implies (identifier.system.exists() and identifier.value.exists())", ''],
  ["type = 'document' implies (timestamp.hasValue())", ''],
  ["type = 'document' implies entry.first().resource.is(Composition)", ''],
  ["type = 'message' implies entry.first().resource.is(MessageHeader)", ''],
  ["fullUrl.contains('/_history/').not()", ''],
  ['extension.exists() != value.exists()', '{extension}!=={value}'],
  [
    'name.exists() or telecom.exists() or address.exists() or organization.exists()',
    '{name}||{telecom}||{address}||{organization}',
  ],
  ['dataAbsentReason.empty() or value.empty()', '!({dataAbsentReason}&&{value})'],
  [
    'value.empty() or component.code.where(coding.intersect(%resource.code.coding).exists()).empty()',
    '!({value}&&{component})||obs7(S,v,d)',
  ],
  ['low.exists() or high.exists() or text.exists()', '{low}||{high}||{text}'],
  ['code.empty() or system.exists()', '!{code}||{system}'],
  ['value.empty() or system.exists()', '!{value}||{system}'],
  ['data.empty() or contentType.exists()', '!{data}||{contentType}'],
  [
    'start.hasValue().not() or end.hasValue().not() or (start <= end)',
    '!({start}&&{end})||inOrder(S,v.start,v.end)',
  ],
  [
    '(numerator.empty() xor denominator.exists()) and (numerator.exists() or extension.exists())',
    '({numerator}==={denominator})&&({numerator}||{extension})',
  ],
  ['duration.empty() or durationUnit.exists()', '!{duration}||{durationUnit}'],
  ['period.empty() or periodUnit.exists()', '!{period}||{periodUnit}'],
  ['periodMax.empty() or period.exists()', '!{periodMax}||{period}'],
  ['durationMax.empty() or duration.exists()', '!{durationMax}||{duration}'],
  ['countMax.empty() or count.exists()', '!{countMax}||{count}'],
  ['timeOfDay.empty() or when.empty()', '!({timeOfDay}&&{when})'],
  ['(identifier.count() + name.count()) > 0', '{identifier}||{name}'],
  [
    'resource.exists() or request.exists() or response.exists()',
    '{resource}||{request}||{response}',
  ],
]);

/** What R4 says in prose, by type; called after the properties were seen. */
export const nativeChecks: Readonly<Record<string, string>> = {
  Attachment: 'if({data}||{size})attachment(S,v,d);',
  Coding: 'if({system})codingSystem(S,v,d);',
  Bundle: 'bundle(S,v,d);',
};
