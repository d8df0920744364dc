/** Who people are: colleagues to invite, and names beside ids. */
import { searchDirectory } from '../api/people';
import type { DirectoryPage } from '../wire.gen';

export class Directory {
  search(text: string, page = 1): Promise<DirectoryPage> {
    return searchDirectory(text, page);
  }
}
