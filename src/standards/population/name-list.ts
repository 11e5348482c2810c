import type { Code } from './coding.ts';

/**
 * Who lives here: groups by their share of the population (rounded from US Census Bureau, 2020
 * census), each with names as they occur in that group, the frequent ones first. A name is drawn
 * from the lists, so it is nobody's in particular.
 */
export interface Heritage {
  share: number;
  race: Code;
  hispanic: boolean;
  language: Code;
  female: readonly string[];
  male: readonly string[];
  family: readonly string[];
}

const words = (text: string) => text.split(' ');
const white: Code = ['2106-3', 'White'];
const black: Code = ['2054-5', 'Black or African American'];
const asian: Code = ['2028-9', 'Asian'];
const native: Code = ['1002-5', 'American Indian or Alaska Native'];
const english: Code = ['en-US', 'English (United States)'];

// Race codes: CDC Race and Ethnicity (urn:oid:2.16.840.1.113883.6.238). Languages: BCP 47.
export const heritages: readonly Heritage[] = [
  {
    share: 56,
    race: white,
    hispanic: false,
    language: english,
    female: words(
      'Emma Olivia Mary Patricia Jennifer Linda Elizabeth Susan Karen Sarah Nancy Margaret Sandra Ashley Emily Kimberly Donna Carol Amanda Melissa Deborah Stephanie Laura Rebecca Amy Anna Katherine Christine Hannah Abigail Madison Grace Charlotte Harper Claire Nora Ruth Eleanor Fiona Bridget',
    ),
    male: words(
      'James Robert John Michael David William Richard Joseph Thomas Christopher Daniel Matthew Mark Steven Andrew Paul Kenneth Kevin Brian Timothy Edward Jeffrey Ryan Jacob Nicholas Eric Liam Noah Ethan Owen Henry Jack Benjamin Samuel Patrick Walter Harold Conor Peter Stanley',
    ),
    family:
      "Smith|Johnson|Miller|Brown|Davis|Anderson|Wilson|Moore|Taylor|White|Clark|Sullivan|Murphy|Walsh|O'Brien|Kelly|Baker|Hall|Allen|Wright|Hill|Scott|Adams|Nelson|Carter|Roberts|Phillips|Campbell|Parker|Russo|Schmidt|Kowalski|Lindqvist|McCarthy|Fitzgerald|Larsen|Müller|Rossi|Novak|Van Dyke|Hartley|Whitcomb|Ashford|St. Clair".split(
        '|',
      ),
  },
  {
    share: 13,
    race: black,
    hispanic: false,
    language: english,
    female: words(
      'Aaliyah Jasmine Imani Denise Latoya Keisha Ebony Tiana Brianna Nia Gloria Yvonne Monique Tanya Angela Dorothy Zora Amara Simone Renee Kiara Destiny Ngozi Marie-Ange',
    ),
    male: words(
      'Marcus Darnell Jamal Malik Isaiah Terrence Andre Jerome Tyrone Xavier Elijah Curtis Reginald Clarence Kwame Devin Jalen Maurice Otis Leroy Chidi Emmanuel Cedric Trevon',
    ),
    family: words(
      'Williams Johnson Jackson Washington Robinson Harris Lewis Walker Thompson Banks Jefferson Freeman Coleman Booker Gaines Mosley Dixon Jean-Baptiste Okafor Mensah Baptiste Pierre Toussaint Diallo Charles Joseph',
    ),
  },
  {
    share: 18,
    race: white,
    hispanic: true,
    language: ['es', 'Spanish'],
    female: words(
      'María Guadalupe Sofía Isabella Camila Valentina Rosa Ana Carmen Lucía Gabriela Juana Elena Marisol Daniela Yesenia Xiomara Teresa Luz Alejandra Ximena Paola Inés Beatriz',
    ),
    male: words(
      'José Juan Luis Carlos Jesús Miguel Mateo Santiago Diego Alejandro Antonio Francisco Pedro Manuel Ángel Javier Rafael Ramón Emilio Andrés Joaquín Héctor Iván Tomás',
    ),
    family: words(
      'García Rodríguez Martínez Hernández López González Pérez Sánchez Ramírez Torres Rivera Flores Gómez Díaz Reyes Morales Cruz Ortiz Gutiérrez Chávez Ramos Vargas Castillo Mendoza Núñez Peña Muñoz Santiago Colón Figueroa',
    ),
  },
  {
    share: 2.2,
    race: asian,
    hispanic: false,
    language: ['zh', 'Chinese'],
    female: words(
      'Mei Li-Hua Xiaoyan Jing Fang Ying Grace Yan Hui Emily Min Lan Qian Yuting Vivian Xin',
    ),
    male: words('Wei Jun Ming Hao Jian Lei Kevin Feng Bo Chao Peng Tao Jason Yong Zhen Kai'),
    family: words(
      'Wang Li Zhang Chen Liu Yang Huang Wu Zhou Lin Xu Sun Ma Zhu Hu Guo He Gao Luo Zheng Leung Wong',
    ),
  },
  {
    share: 1.9,
    race: asian,
    hispanic: false,
    language: ['hi', 'Hindi'],
    female: words(
      'Priya Ananya Aditi Kavita Sunita Neha Lakshmi Deepa Meera Pooja Anjali Divya Shreya Asha',
    ),
    male: words(
      'Rahul Arjun Amit Vijay Sanjay Rohan Anil Ravi Suresh Vikram Aarav Nikhil Kiran Manoj',
    ),
    family: words(
      'Patel Sharma Singh Kumar Gupta Shah Reddy Rao Mehta Iyer Desai Nair Joshi Khanna Banerjee Das',
    ),
  },
  {
    share: 1.6,
    race: asian,
    hispanic: false,
    language: ['vi', 'Vietnamese'],
    female: words('Linh Thảo Hương Lan Mai Thu Ngọc Trang Phương Hạnh Kim Anh'),
    male: words('Minh Tuấn Hùng Dũng Nam Quang Đức Huy Khánh Long Bảo Sơn'),
    family: words('Nguyễn Trần Lê Phạm Huỳnh Hoàng Phan Vũ Võ Đặng Bùi Đỗ'),
  },
  {
    share: 1.3,
    race: asian,
    hispanic: false,
    language: ['ko', 'Korean'],
    female: words('Ji-woo Seo-yeon Min-ji Soo-jin Hye-jin Eun-ji Yuna Hana Ji-hye Da-eun'),
    male: words(
      'Min-jun Ji-hoon Sung-ho Jae-won Hyun-woo Dong-hyun Joon Tae-yang Seung-min Daniel',
    ),
    family: words('Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Han Shin'),
  },
  {
    share: 2.6,
    race: white,
    hispanic: false,
    language: ['pt', 'Portuguese'],
    female: words('Ana Beatriz Mariana Fernanda Juliana Larissa Letícia Conceição Fátima Helena'),
    male: words('João Pedro Lucas Rafael Tiago Bruno Gustavo António Manuel Caio Vítor'),
    family: words(
      'Silva Santos Oliveira Souza Pereira Costa Ferreira Almeida Carvalho Gomes Medeiros Furtado Araújo Conceição',
    ),
  },
  {
    share: 1.9,
    race: white,
    hispanic: false,
    language: ['ar', 'Arabic'],
    female: words('Fatima Layla Amira Noor Yasmin Mariam Salma Huda Rania Zeinab'),
    male: words('Omar Ahmed Ali Hassan Yusuf Karim Khalid Ibrahim Tariq Samir'),
    family: words(
      "Haddad Khoury Mansour Nasser Hamdan Saleh Aziz Farah Al-Amin Sa'ad Rahman Darwish",
    ),
  },
  {
    share: 1.1,
    race: native,
    hispanic: false,
    language: english,
    female: words('Winona Dakota Cheyenne Rose Sequoia Tallulah Aiyana Leona Shawna Dawn'),
    male: words('Joseph Dakota Wyatt Elan Chayton Leonard Russell Tate Harlan Vernon'),
    family: words('Begay Yazzie Whitehorse Tsosie Benally Redcloud Nez Blackwater Longtree Deer'),
  },
];
