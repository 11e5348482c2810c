import { date, instant } from './calendar.ts';
import type { Chart } from './chart.ts';
import { subject, write } from './chart.ts';
import type { CarePlanContent } from './chronic-condition-list.ts';
import { concept, quantity, reference, status, system } from './coding.ts';
import type { Problem } from './problem.ts';
import type { Visit } from './visit.ts';

/** A care plan with its goal, made at the first visit for a chronic problem that has one. */
export function writeCarePlan(chart: Chart, problem: Problem, visit: Visit): void {
  const plan = problem.chronic?.plan;
  if (!plan) return;
  const goal = writeGoal(chart, problem, visit, plan);
  const { person, practitioner } = chart;
  const ended = person.death !== undefined;
  write(chart, 'CarePlan', {
    status: ended ? 'completed' : 'active',
    intent: 'plan',
    category: [concept(system.snomed, plan.category)],
    title: plan.category[1],
    subject: subject(chart),
    encounter: reference('Encounter', visit.id),
    period: {
      start: instant(visit.start),
      ...(ended ? { end: instant(person.end) } : {}),
    },
    author: reference('Practitioner', practitioner.id, practitioner.name),
    addresses: [reference('Condition', problem.id, problem.code[1])],
    goal: [reference('Goal', goal)],
    activity: plan.activities.map((activity) => ({
      detail: {
        code: concept(system.snomed, activity),
        status: ended ? 'completed' : 'in-progress',
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
