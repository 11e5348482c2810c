/** Where they live. Phones are of the exchange 555-01xx, which is kept for fiction (ATIS NANP). */
export interface Place {
  city: string;
  county: string;
  state: string;
  postalCode: string;
  areaCode: string;
  latitude: number;
  longitude: number;
  /** Share of the population, in thousands of inhabitants. */
  weight: number;
}

type Row = readonly [string, string, string, string, string, number, number, number];

// Towns with their ZIP code, telephone area and rough position: US Census Bureau gazetteer,
// rounded.
const rows: readonly Row[] = [
  ['Boston', 'Suffolk', 'MA', '02118', '617', 42.34, -71.07, 654],
  ['Worcester', 'Worcester', 'MA', '01604', '508', 42.25, -71.77, 206],
  ['Springfield', 'Hampden', 'MA', '01108', '413', 42.08, -72.56, 155],
  ['Cambridge', 'Middlesex', 'MA', '02139', '617', 42.36, -71.1, 118],
  ['Lowell', 'Middlesex', 'MA', '01852', '978', 42.63, -71.3, 115],
  ['Brockton', 'Plymouth', 'MA', '02301', '508', 42.08, -71.02, 105],
  ['Quincy', 'Norfolk', 'MA', '02169', '617', 42.25, -71.0, 101],
  ['Lynn', 'Essex', 'MA', '01902', '781', 42.47, -70.94, 101],
  ['Fall River', 'Bristol', 'MA', '02721', '508', 41.68, -71.15, 94],
  ['Lawrence', 'Essex', 'MA', '01841', '978', 42.71, -71.17, 89],
  ['Framingham', 'Middlesex', 'MA', '01702', '508', 42.28, -71.44, 72],
  ['Pittsfield', 'Berkshire', 'MA', '01201', '413', 42.45, -73.26, 44],
  ['Barnstable', 'Barnstable', 'MA', '02601', '508', 41.65, -70.29, 49],
  ['Northampton', 'Hampshire', 'MA', '01060', '413', 42.33, -72.64, 29],
  ['Milford', 'Worcester', 'MA', '01757', '508', 42.14, -71.52, 30],
  ['Manchester', 'Hillsborough', 'NH', '03103', '603', 42.97, -71.45, 116],
  ['Nashua', 'Hillsborough', 'NH', '03060', '603', 42.75, -71.46, 91],
  ['Concord', 'Merrimack', 'NH', '03301', '603', 43.21, -71.54, 44],
  ['Providence', 'Providence', 'RI', '02907', '401', 41.8, -71.42, 190],
  ['Cranston', 'Providence', 'RI', '02910', '401', 41.77, -71.44, 82],
  ['Hartford', 'Hartford', 'CT', '06106', '860', 41.75, -72.69, 121],
  ['New Haven', 'New Haven', 'CT', '06511', '203', 41.32, -72.93, 134],
  ['Portland', 'Cumberland', 'ME', '04102', '207', 43.66, -70.29, 68],
  ['Burlington', 'Chittenden', 'VT', '05401', '802', 44.48, -73.22, 44],
];

export const places: readonly Place[] = rows.map(
  ([city, county, state, postalCode, areaCode, latitude, longitude, weight]) => ({
    city,
    county,
    state,
    postalCode,
    areaCode,
    latitude,
    longitude,
    weight,
  }),
);

export const streets: readonly string[] =
  'Maple Street|Oak Avenue|Chestnut Street|Elm Street|Willow Lane|Harbor Road|Mill Street|Orchard Drive|Summit Avenue|Birch Court|Cedar Lane|Meadow Road|Quarry Street|Lantern Way|Ferry Street|Kettle Pond Road|Granite Terrace|Heron Circle|Foundry Street|Juniper Path'.split(
    '|',
  );
