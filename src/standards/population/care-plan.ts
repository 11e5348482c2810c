import { date, instant } from './calendar.ts';
import type { CarePlanContent } from './care-plan-list.ts';
import type { Chart } from './chart.ts';
import { subject, write } from './chart.ts';
import { concept, quantity, reference, status, system } from './coding.ts';
import type { Problem } from './problem.ts';
import type { Visit } from './visit.ts';

/** A care plan, with a goal if it has one, made at the first visit for a problem. */
export function writeCarePlan(chart: Chart, problem: Problem, visit: Visit): void {
  const plan = problem.chronic?.plan ?? problem.acute?.plan;
  if (!plan) return;
  const { person, practitioner } = chart;
  const goal = plan.goal === undefined ? undefined : writeGoal(chart, problem, visit, plan);
  const ended = problem.abatement ?? person.death;
  write(chart, 'CarePlan', {
    status: ended === undefined ? 'active' : 'completed',
    intent: 'plan',
    category: [concept(system.snomed, plan.category)],
    title: plan.category[1],
    subject: subject(chart),
    encounter: reference('Encounter', visit.id),
    period: {
      start: instant(visit.start),
      ...(ended === undefined ? {} : { end: instant(ended) }),
    },
    author: reference('Practitioner', practitioner.id, practitioner.name),
    addresses: [reference('Condition', problem.id, problem.code[1])],
    ...(goal === undefined ? {} : { goal: [reference('Goal', goal)] }),
    activity: plan.activities.map((activity) => ({
      detail: {
        code: concept(system.snomed, activity),
        status: ended === undefined ? 'in-progress' : 'completed',
        location: reference('Location', chart.site.office.id, chart.site.office.name),
      },
    })),
  });
}

function writeGoal(chart: Chart, problem: Problem, visit: Visit, plan: CarePlanContent): string {
  const { target } = plan;
  return write(chart, 'Goal', {
    lifecycleStatus: chart.person.death === undefined ? 'active' : 'cancelled',
    achievementStatus: status('goal-achievement', 'in-progress'),
    description: { text: plan.goal },
    subject: subject(chart),
    startDate: date(visit.start),
    ...(target
      ? {
          target: [
            {
              measure: concept(system.loinc, target.loinc),
              detailQuantity: {
                ...quantity(target.below, target.unit, target.ucum),
                comparator: '<',
              },
            },
          ],
        }
      : {}),
    addresses: [reference('Condition', problem.id)],
  });
}
