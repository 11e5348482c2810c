type Knot = readonly [age: number, value: number];

// Medians by age in years. Height in cm, body mass index in kg/m2: CDC growth charts (2000) up to
// 20, NHANES 2017–2020 after, rounded.
const height: Readonly<Record<'female' | 'male', readonly Knot[]>> = {
  male: [
    [0, 50],
    [0.25, 61],
    [0.5, 67],
    [1, 76],
    [1.5, 82],
    [2, 87],
    [3, 95],
    [4, 102],
    [5, 109],
    [6, 115],
    [8, 128],
    [10, 138],
    [12, 149],
    [14, 164],
    [16, 173.5],
    [18, 176],
    [60, 176],
    [90, 171],
  ],
  female: [
    [0, 49],
    [0.25, 60],
    [0.5, 65.5],
    [1, 74],
    [1.5, 80.5],
    [2, 85.5],
    [3, 94],
    [4, 101],
    [5, 108],
    [6, 115],
    [8, 127.5],
    [10, 138],
    [12, 151.5],
    [14, 160],
    [16, 162.5],
    [60, 163],
    [90, 157],
  ],
};
const bodyMassIndex: readonly Knot[] = [
  [0, 13.6],
  [0.25, 16.2],
  [0.5, 17.2],
  [1, 17],
  [1.5, 16.6],
  [2, 16.4],
  [3, 15.9],
  [4, 15.6],
  [5, 15.4],
  [6, 15.4],
  [8, 15.9],
  [10, 16.7],
  [12, 17.9],
  [14, 19.2],
  [16, 20.5],
  [18, 21.7],
  [20, 23.2],
  [30, 26.2],
  [45, 27.8],
  [65, 27.8],
  [85, 25.3],
  [100, 24],
];
const headCircumference: readonly Knot[] = [
  [0, 34.8],
  [0.25, 40.4],
  [0.5, 43.2],
  [1, 46],
  [1.5, 47.3],
  [2, 48.2],
  [3, 49.5],
];
// Per minute, at rest: Fleming et al. 2011 (children), adults' usual values after.
const heartRate: readonly Knot[] = [
  [0, 128],
  [0.25, 142],
  [1, 124],
  [2, 114],
  [4, 102],
  [8, 88],
  [12, 80],
  [18, 74],
  [90, 72],
];
const respiratoryRate: readonly Knot[] = [
  [0, 44],
  [1, 36],
  [2, 30],
  [4, 24],
  [8, 21],
  [12, 19],
  [18, 15],
  [90, 16],
];
const systolic: readonly Knot[] = [
  [3, 92],
  [8, 99],
  [13, 108],
  [18, 115],
  [40, 120],
  [60, 127],
  [80, 132],
  [100, 132],
];

function between(knots: readonly Knot[], age: number): number {
  let before: Knot = [0, 0];
  for (const knot of knots) {
    if (knot[0] >= age) {
      if (before[1] === 0) return knot[1];
      const part = (age - before[0]) / (knot[0] - before[0]);
      return before[1] + part * (knot[1] - before[1]);
    }
    before = knot;
  }
  return before[1];
}

/** Height in cm; `score` is how many deviations (4 %) above the median. */
export function heightAt(age: number, sex: 'female' | 'male', score: number): number {
  return between(height[sex], age) * (1 + 0.04 * score);
}

/** Body mass index in kg/m2: spread 8 % in children, 19 % in adults. Never below 12.5. */
export function bodyMassIndexAt(age: number, score: number): number {
  const adult = Math.min(Math.max((age - 8) / 17, 0), 1);
  const spread = (0.08 + 0.11 * adult) * (score < 0 ? 0.6 : 1);
  return Math.max(between(bodyMassIndex, age) * (1 + spread * score), 12.5);
}

export const headCircumferenceAt = (age: number) => between(headCircumference, age);
export const heartRateAt = (age: number) => between(heartRate, age);
export const respiratoryRateAt = (age: number) => between(respiratoryRate, age);
export const systolicAt = (age: number) => between(systolic, age);
