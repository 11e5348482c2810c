import { parseReference } from './reference.ts';

type Resource = { resourceType: string } & Record<string, unknown>;
type Paths = { subject?: string; also?: string };

/**
 * Where a resource names patients. `subject` is whom it is about; `also` are further elements of
 * R4's Patient compartment (compartmentdefinition-patient.html, its search parameters written as
 * paths).
 */
const compartment: Record<string, Paths> = {
  Account: { subject: 'subject' },
  AdverseEvent: { subject: 'subject' },
  AllergyIntolerance: { subject: 'patient', also: 'recorder asserter' },
  Appointment: { also: 'participant.actor' },
  AppointmentResponse: { also: 'actor' },
  AuditEvent: { also: 'agent.who entity.what' },
  Basic: { subject: 'subject', also: 'author' },
  BodyStructure: { subject: 'patient' },
  CarePlan: { subject: 'subject', also: 'activity.detail.performer' },
  CareTeam: { subject: 'subject', also: 'participant.member' },
  ChargeItem: { subject: 'subject' },
  Claim: { subject: 'patient', also: 'payee.party' },
  ClaimResponse: { subject: 'patient' },
  ClinicalImpression: { subject: 'subject' },
  Communication: { subject: 'subject', also: 'sender recipient' },
  CommunicationRequest: { subject: 'subject', also: 'sender recipient requester' },
  Composition: { subject: 'subject', also: 'author attester.party' },
  Condition: { subject: 'subject', also: 'asserter' },
  Consent: { subject: 'patient' },
  Coverage: { subject: 'beneficiary', also: 'policyHolder subscriber payor' },
  CoverageEligibilityRequest: { subject: 'patient' },
  CoverageEligibilityResponse: { subject: 'patient' },
  DetectedIssue: { subject: 'patient' },
  DeviceRequest: { subject: 'subject', also: 'performer' },
  DeviceUseStatement: { subject: 'subject' },
  DiagnosticReport: { subject: 'subject' },
  DocumentManifest: { subject: 'subject', also: 'author recipient' },
  DocumentReference: { subject: 'subject', also: 'author' },
  Encounter: { subject: 'subject' },
  EnrollmentRequest: { subject: 'candidate' },
  EpisodeOfCare: { subject: 'patient' },
  ExplanationOfBenefit: { subject: 'patient', also: 'payee.party' },
  FamilyMemberHistory: { subject: 'patient' },
  Flag: { subject: 'subject' },
  Goal: { subject: 'subject' },
  Group: { also: 'member.entity' },
  ImagingStudy: { subject: 'subject' },
  Immunization: { subject: 'patient' },
  ImmunizationEvaluation: { subject: 'patient' },
  ImmunizationRecommendation: { subject: 'patient' },
  Invoice: { subject: 'subject', also: 'recipient' },
  List: { subject: 'subject', also: 'source' },
  MeasureReport: { subject: 'subject' },
  Media: { subject: 'subject' },
  MedicationAdministration: { subject: 'subject', also: 'performer.actor' },
  MedicationDispense: { subject: 'subject', also: 'receiver' },
  MedicationRequest: { subject: 'subject' },
  MedicationStatement: { subject: 'subject' },
  MolecularSequence: { subject: 'patient' },
  NutritionOrder: { subject: 'patient' },
  Observation: { subject: 'subject', also: 'performer' },
  Patient: { also: 'link.other' },
  Person: { also: 'link.target' },
  Procedure: { subject: 'subject', also: 'performer.actor' },
  Provenance: { also: 'target' },
  QuestionnaireResponse: { subject: 'subject', also: 'author' },
  RelatedPerson: { subject: 'patient' },
  RequestGroup: { subject: 'subject', also: 'action.participant' },
  ResearchSubject: { subject: 'individual' },
  RiskAssessment: { subject: 'subject' },
  Schedule: { also: 'actor' },
  ServiceRequest: { subject: 'subject', also: 'performer' },
  Specimen: { subject: 'subject' },
  SupplyDelivery: { subject: 'patient' },
  SupplyRequest: { also: 'deliverTo' },
  VisionPrescription: { subject: 'patient' },
};

/**
 * Types that R4 leaves out of the compartment although they are about one patient: for the key, not
 * the compartment.
 */
const outside: Record<string, Paths> = {
  Binary: { subject: 'securityContext' },
  BiologicallyDerivedProduct: { subject: 'collection.source' },
  Contract: { subject: 'subject' },
  Device: { subject: 'patient' },
  GuidanceResponse: { subject: 'subject' },
  Task: { subject: 'for' },
};

type CompiledPaths = { subject: string[][]; also: string[][] };

const compile = (table: Record<string, Paths>): ReadonlyMap<string, CompiledPaths> =>
  new Map(
    Object.entries(table).map(([type, paths]) => [
      type,
      { subject: split(paths.subject), also: split(paths.also) },
    ]),
  );
const split = (paths = ''): string[][] =>
  paths.split(' ').flatMap((path) => (path ? [path.split('.')] : []));
const compartmentPaths = compile(compartment);
const outsidePaths = compile(outside);

/**
 * The patient whose key seals the resource: the Patient itself; else the first patient it is about;
 * else the only patient whose compartment it is in. Undefined where it is nobody's, or several
 * patients' alike (a Group).
 */
export function subjectOf(resource: Resource): { type: 'Patient'; id: string } | undefined {
  const { resourceType, id: ownId } = resource;
  if (resourceType === 'Patient') return typeof ownId === 'string' ? patient(ownId) : undefined;
  const paths = compartmentPaths.get(resourceType) ?? outsidePaths.get(resourceType);
  if (!paths) return undefined;
  const [subject] = patientsAt(resource, paths.subject);
  if (subject !== undefined) return patient(subject);
  const [only, ...others] = patientsAt(resource, paths.also);
  return only !== undefined && others.length === 0 ? patient(only) : undefined;
}

/** The ids of all patients in whose R4 Patient compartment the resource is, each once. */
export function patientsOf(resource: Resource): string[] {
  const paths = compartmentPaths.get(resource.resourceType);
  if (!paths) return [];
  const ids = patientsAt(resource, [...paths.subject, ...paths.also]);
  if (resource.resourceType === 'Patient' && typeof resource['id'] === 'string') {
    ids.add(resource['id']);
  }
  return [...ids];
}

const patient = (id: string): { type: 'Patient'; id: string } => ({ type: 'Patient', id });

function patientsAt(resource: Resource, paths: string[][]): Set<string> {
  const ids = new Set<string>();
  for (const path of paths) collect(resource, path, 0, ids);
  return ids;
}

function collect(value: unknown, path: readonly string[], step: number, ids: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, path, step, ids);
  } else if (typeof value === 'object' && value !== null) {
    const object: Record<string, unknown> = { ...value };
    const name = path[step];
    if (name !== undefined) collect(object[name], path, step + 1, ids);
    else addPatient(object['reference'], ids);
  }
}

function addPatient(reference: unknown, ids: Set<string>): void {
  if (typeof reference !== 'string' || !reference.startsWith('Patient/')) return;
  const parsed = parseReference(reference);
  if (parsed?.kind === 'relative') ids.add(parsed.id);
}
