export const BENCH_COLUMNS = [
  'id',
  'customer_id',
  'quantity',
  'amount',
  'state',
  'code',
  'created_at',
  'deliver_on',
  'priority',
  'note',
] as const;
