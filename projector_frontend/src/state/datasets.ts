import type { AnnotationsName, DatasetName, ImportedName, SamplesAnswer } from '../api/types';

export type FormatName = DatasetName | AnnotationsName;

export const GROUPS = ['Tables', 'With pictures', 'For other tools', 'Your annotations'] as const;

export interface Format {
  title: string;
  group: (typeof GROUPS)[number];
  /** What reads it, in a line of the menu. */
  readBy: string;
  /** What lies where. */
  holds: string;
  splits?: true;
  suggestions?: true;
  spreadsheet?: true;
  /** Whether it has a place for who gave the labels, and when. */
  authors?: true;
  /** The user's own annotations, which come back with other classes. */
  annotations?: true;
  /** What is chosen where files of it are sent: which of a folder's, and of which of them the name says all. */
  files?: { what: string; folder?: true; taken: RegExp; named?: RegExp };
}

/** The formats of docs/datasets.md, in the order of the menu. */
export const FORMATS: Record<FormatName, Format> = {
  tsv: {
    title: 'TSV',
    group: 'Tables',
    readBy: 'everything; Import takes it back',
    holds: 'A row for each image: all metadata, every label column and its states.',
    splits: true,
    suggestions: true,
    authors: true,
    spreadsheet: true,
  },
  csv: {
    title: 'CSV',
    group: 'Tables',
    readBy: 'spreadsheets, pandas, R',
    holds: 'A row for each image: all metadata, every label column and its states.',
    splits: true,
    suggestions: true,
    authors: true,
    spreadsheet: true,
  },
  parquet: {
    title: 'Parquet',
    group: 'Tables',
    readBy: 'pandas, Polars, DuckDB',
    holds: 'The same table in typed columns, with no value where there is no label.',
    splits: true,
    suggestions: true,
    authors: true,
  },
  folders: {
    title: 'Image folders',
    group: 'With pictures',
    readBy: 'Keras, torchvision, Ultralytics',
    holds: 'A folder for each class, with its images.',
    splits: true,
    files: { what: 'The folder of the folders', folder: true, taken: /./, named: /\.(?!csv$)[^.]*$/i },
  },
  hf: {
    title: 'Hugging Face',
    group: 'With pictures',
    readBy: 'datasets: imagefolder',
    holds: 'The images, and a table of their classes beside them.',
    splits: true,
    suggestions: true,
    files: { what: 'The folder', folder: true, taken: /^metadata\.(csv|jsonl)$/ },
  },
  fiftyone: {
    title: 'FiftyOne',
    group: 'With pictures',
    readBy: 'FiftyOne: image classification',
    holds: 'The images in data, and labels.json.',
    splits: true,
    suggestions: true,
    files: { what: 'The folder', folder: true, taken: /^labels\.json$/ },
  },
  labelstudio: {
    title: 'Label Studio',
    group: 'For other tools',
    readBy: 'its import of tasks',
    holds: 'A task for each picture: labels as annotations, suggestions as predictions.',
    suggestions: true,
    authors: true,
    files: { what: 'The JSON file', taken: /\.json$/i },
  },
  ecotaxa: {
    title: 'EcoTaxa',
    group: 'For other tools',
    readBy: 'its import of TSV',
    holds: 'An object for each image: validated, predicted or dubious.',
    suggestions: true,
    authors: true,
    files: { what: 'The TSV file', taken: /\.(tsv|txt)$/i },
  },
  camtrapdp: {
    title: 'Camtrap DP',
    group: 'For other tools',
    readBy: 'camera-trap tools, GBIF',
    holds: 'observations.csv: an observation for each image.',
    suggestions: true,
    authors: true,
    files: { what: 'observations.csv', taken: /\.csv$/i },
  },
  coco: {
    title: 'COCO',
    group: 'Your annotations',
    readBy: 'your JSON, with these classes',
    holds: 'Your own file, in which only the classes change.',
    annotations: true,
    files: { what: 'Your COCO file', taken: /\.json$/i },
  },
  yolo: {
    title: 'YOLO',
    group: 'Your annotations',
    readBy: 'your label files, with these classes',
    holds: 'Your own label files and data.yaml, in which only the classes change.',
    annotations: true,
    files: { what: 'Your YOLO folder', folder: true, taken: /\.(txt|ya?ml|names)$/i },
  },
  voc: {
    title: 'Pascal VOC',
    group: 'Your annotations',
    readBy: 'your XML files, with these classes',
    holds: 'Your own XML files, in which only the classes change.',
    annotations: true,
    files: { what: 'Your folder of XML files', folder: true, taken: /\.xml$/i },
  },
};

/** Parts that people ask for; a third way is to write them. */
export const SPLITS = [
  { value: '', text: 'no parts' },
  { value: 'train=.8,val=.2', text: 'train 80 %, val 20 %' },
  { value: 'train=.8,val=.1,test=.1', text: 'train 80 %, val 10 %, test 10 %' },
] as const;

export interface Chosen {
  split: string;
  /** From how many per cent on suggestions leave too; null for none. */
  suggestions: number | null;
  spreadsheet: boolean;
  authors: boolean;
}

/** What is asked of the server: options that a format has no place for are not said. */
export function asked(name: DatasetName, { split, suggestions, spreadsheet, authors }: Chosen) {
  const format = FORMATS[name];
  return {
    format: name,
    ...(format.splits && split.trim() !== '' && { split: split.trim() }),
    ...(format.suggestions && suggestions !== null && { suggestions: suggestions / 100 }),
    ...(format.spreadsheet && spreadsheet && { spreadsheet }),
    ...(format.authors && authors && { authors }),
  };
}

export function isAnnotations(name: FormatName): name is AnnotationsName {
  return FORMATS[name].annotations === true;
}

/** What labels are taken from where files are sent; tables are read as text. */
export function isImported(name: FormatName): name is ImportedName {
  return FORMATS[name].files !== undefined;
}

const OF_OBJECTS = ['object', 'x', 'y', 'width', 'height'];

/** The menu: what a run can leave as, by groups. Annotations are of objects in larger pictures. */
export function offered(samples: SamplesAnswer | null): [group: string, names: FormatName[]][] {
  const columns = new Set(samples?.columns.map((column) => column.name));
  const objects = OF_OBJECTS.every((name) => columns.has(name));
  const names = (Object.keys(FORMATS) as FormatName[]).filter((name) => objects || !isAnnotations(name));
  return GROUPS.map((group): [string, FormatName[]] => [
    group,
    names.filter((name) => FORMATS[name].group === group),
  ]).filter(([, found]) => found.length > 0);
}
