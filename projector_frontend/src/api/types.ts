/**
 * What the page and the server tell each other: names for the types that `npm run types` makes from the server's own
 * description. Types only, which is why every layer may import them.
 */
import type { Query } from './routes';
import type { components } from './schema';

type Schemas = components['schemas'];

export type RunsAnswer = Schemas['RunsAnswer'];
export type RunInfo = Schemas['RunInfo'];
export type Preset = Schemas['Preset'];
export type SamplesAnswer = Schemas['SamplesAnswer'];
export type ColumnInfo = Schemas['ColumnInfo'];
export type SpriteInfo = Schemas['SpriteInfo'];
export type Tiles = Schemas['Tiles'];

export type ClassInfo = Schemas['ClassInfo'];
export type LabelsAnswer = Schemas['LabelsAnswer'];
export type EditAnswer = Schemas['EditAnswer'];
/** What became of a sample. */
export type State = EditAnswer['changes'][number][2];
export type HistoryEntry = Schemas['HistoryEntry'];
export type EffortAnswer = Schemas['Effort'];
export type AuthorsAnswer = Schemas['AuthorsAnswer'];
export type Disagreement = Schemas['Disagreement'];
export type GivenBy = Schemas['GivenBy'];
export type ImportPreview = Schemas['ImportPreview'];
export type DatasetPreview = Schemas['DatasetPreview'];
export type AnnotationsRequest = Schemas['AnnotationsRequest'];
export type AnnotationsName = AnnotationsRequest['format'];
export type DatasetName = Query<'/labels/dataset'>['format'];
export type SentFile = Schemas['SentFile'];
/** Labels to be brought in: a table as text, or files of a format. */
export type ImportedName = NonNullable<Schemas['ImportRequest']['format']>;
export type Imported = string | { format: ImportedName; files: SentFile[] };
/** How samples were chosen; kept in the history. */
export type SelectionNote = NonNullable<HistoryEntry['selection']>;
/** A page of images that a person looked through. */
export type PageNote = Schemas['PageSelection'];
export type ClassAction =
  | Schemas['AddClass']
  | Schemas['RenameClass']
  | Schemas['RecolorClass']
  | Schemas['MoveClass']
  | Schemas['MergeClass']
  | Schemas['DeleteClass'];

/** One set of labels of a run, with classes and a history of its own. */
export type LabelColumn = Required<Pick<Schemas['EditRequest'], 'run' | 'column'>>;
/** What every edit carries besides where and what: its name, the label store and revision that its maker saw, and whose it is. */
export type EditTag = Pick<Schemas['EditRequest'], 'store' | 'op_id' | 'base_revision' | 'account'>;
/** What an edit does, without where and the tag. */
type Edit<Request extends Schemas['EditRequest']> = Omit<Request, keyof Schemas['EditRequest']>;
export type ApplyEdit = Edit<Schemas['ApplyRequest']>;
export type ImportEdit = Omit<Edit<Schemas['ImportRequest']>, 'preview'>;

export type HereRequest = Schemas['HereRequest'];
export type TakeRequest = Schemas['TakeRequest'];
export type TakenAnswer = Schemas['TakenAnswer'];
/** Somebody else who works on the same labels. */
export type Colleague = Schemas['ColleagueInfo'];

export type SessionState = Schemas['SessionState'];
export type SessionStatus = SessionState['status'];
export type SessionParameters = Schemas['SessionParameters'];
export type ParameterChanges = Schemas['ParameterChanges'];

export type ErrorInfo = Schemas['ErrorInfo'];

export type CandidatesAnswer = Schemas['CandidatesAnswer'];
export type NextStepsAnswer = Schemas['NextStepsAnswer'];
export type StandingAnswer = Schemas['StandingAnswer'];
export type ClustersAnswer = Schemas['ClustersAnswer'];
export type LabelIssuesAnswer = Schemas['LabelIssuesAnswer'];
export type LabelIssueInfo = Schemas['LabelIssueInfo'];
