/** Receipts: fetched when asked for, and handed over as a file that needs nobody to be verified. */
import { fetchReceipt, fetchWithdrawalReceipt } from '../api/consent';
import type { Receipt } from '../wire.gen';

export type ReceiptFile = { name: string; text: string };

function fileOf(receipt: Receipt, day: string): ReceiptFile {
  return { name: `consilium-${receipt.receipt_metadata.receipt_kind}-${day}.json`, text: `${JSON.stringify(receipt, null, 2)}\n` };
}

/** The receipt of one permission, or of the withdrawal that ended it. */
export async function receiptFile(patient: string, of: { directive: string } | { withdrawal: string }): Promise<ReceiptFile> {
  const receipt = 'directive' in of ? await fetchReceipt(patient, of.directive) : await fetchWithdrawalReceipt(patient, of.withdrawal);
  return fileOf(receipt, receipt.receipt_metadata.issued.slice(0, 10));
}
