import type { Client } from '../api/client';
import type { AnnotationsName, DatasetName, DatasetPreview, ImportedName, SentFile } from '../api/types';
import { asked, FORMATS, type Chosen } from '../state/datasets';
import type { Store } from '../state/store';
import { download, downloadFrom } from './download';
import type { Labeling } from './labeling';
import { toast } from './toasts';

/** Beyond this, what is sent would be more than a request may hold, however well it compresses. */
const MOST_BYTES = 11_000_000;

/** The labels on their way out: all that the page shows, so changes still on their way go first. */
export class Datasets {
  constructor(
    private readonly client: Client,
    private readonly store: Store,
    private readonly labeling: Labeling,
  ) {}

  async preview(name: DatasetName, chosen: Chosen): Promise<DatasetPreview> {
    await this.labeling.answered();
    return this.client.previewDataset({ ...this.of(), ...asked(name, chosen) });
  }

  async download(name: DatasetName, chosen: Chosen): Promise<void> {
    await this.labeling.answered();
    downloadFrom(this.client.datasetUrl({ ...this.of(), ...asked(name, chosen) }));
  }

  async previewAnnotations(format: AnnotationsName, files: readonly SentFile[]): Promise<DatasetPreview> {
    await this.labeling.answered();
    return this.client.previewAnnotations({ ...this.of(), format, files: [...files] });
  }

  async annotate(format: AnnotationsName, files: readonly SentFile[], name: string): Promise<void> {
    await this.labeling.answered();
    download(await this.client.annotations({ ...this.of(), format, files: [...files] }), name);
    toast(this.store, `${name} is in your downloads.`, 'good');
  }

  private of() {
    return { ...this.store.labelColumn.peek(), tensor: this.store.tensor.peek() ?? '' };
  }
}

/** The files that somebody chose, as they are sent; of a folder those that the format is made of. */
export async function sentFiles(name: ImportedName, chosen: readonly File[]): Promise<SentFile[]> {
  const { title, files: kind } = FORMATS[name];
  const taken = kind?.folder ? chosen.filter((file) => kind.taken.test(file.name)) : chosen;
  if (taken.length === 0) throw new Error(`Nothing of ${title} is in there.`);
  const isNamed = (file: File): boolean => kind?.named?.test(file.name) === true;
  if (taken.reduce((sum, file) => sum + (isNamed(file) ? 0 : file.size), 0) > MOST_BYTES)
    throw new Error('That is more than 11 MB: the command “tb-tsne labels” takes it.');
  return Promise.all(
    taken.map(async (file) => ({
      name: file.webkitRelativePath || file.name,
      content: isNamed(file) ? '' : await base64(file),
    })),
  );
}

function base64(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve((reader.result as string).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(new Error('The file cannot be read.'));
    reader.readAsDataURL(file);
  });
}
