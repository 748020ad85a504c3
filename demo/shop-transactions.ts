import { CURRENCIES } from '../test/fixtures/shop/shop-tables.ts';
import { skuText, type ShopSession } from './shop-session.ts';

/** The statements of one transaction; the caller begins and commits it. */
export interface ShopTransaction {
  readonly name: string;
  /** How often it comes, beside the others. */
  readonly weight: number;
  readonly run: (session: ShopSession) => Promise<void>;
}

/** An existing row at or after a number, or else the last one: keys change and rows go, so a number may have none. */
const CUSTOMER = existing('customers', 'id');
const ORDER = existing('orders', 'id');
const PRODUCT = existing('products', 'sku');
const NAMES = ['Żaneta', 'Jürgen', "D'Arcy", '李雷', 'Maya 🌻', 'tab\there', 'C:\\new\\folder'] as const;
const NOTES = ['ring twice 🔔', 'line one\nline two', '\\N', '', null, 'a\ttab and a \\ backslash'] as const;

export const SHOP_TRANSACTIONS: readonly ShopTransaction[] = [
  { name: 'place an order', weight: 30, run: placeOrder },
  { name: 'pay', weight: 14, run: pay },
  { name: 'sign up', weight: 8, run: signUp },
  { name: 'edit a customer', weight: 10, run: editCustomer },
  { name: 'look around', weight: 12, run: lookAround },
  { name: 'forget page views', weight: 4, run: forgetPageViews },
  { name: 'change prices', weight: 8, run: changePrices },
  { name: 'edit a product', weight: 5, run: editProduct },
  { name: 'cancel an order', weight: 4, run: cancelOrder },
  { name: 'close an account', weight: 1, run: closeAccount },
  { name: 'renumber a customer', weight: 2, run: renumberCustomer },
  { name: 'rename a product', weight: 1, run: renameProduct },
  { name: 'swap addresses', weight: 2, run: swapAddresses },
  { name: 'stock-take', weight: 0.3, run: stockTake },
];

function existing(table: string, key: string): string {
  return `coalesce((SELECT ${key} FROM ${table} WHERE ${key} >= $1 ORDER BY ${key} LIMIT 1), (SELECT max(${key}) FROM ${table}))`;
}

async function placeOrder(session: ShopSession): Promise<void> {
  const { random, state } = session;
  const order = session.newNumber();
  const total = random.between(100, 999_999) / 100;
  const note = random.pick(NOTES);
  const base = [session.customerNumber(), order, total, note];
  if (state.hasChannel && random.chance(0.7)) {
    await session.run(
      `INSERT INTO orders (id, customer_id, placed_at, total, note, client, channel) VALUES ($2, ${CUSTOMER}, clock_timestamp(), $3, $4, '192.168.0.1', $5)`,
      [...base, random.pick(['app 📱', 'phone', 'partner\\shop'])],
    );
  } else {
    await session.run(
      `INSERT INTO orders (id, customer_id, placed_at, total, note, delivery_time) VALUES ($2, ${CUSTOMER}, clock_timestamp(), $3, $4, '3 days 02:00:00')`,
      base,
    );
  }
  await session.run(
    `INSERT INTO order_items SELECT $1, line, $2, 1 + line % 4, $3::numeric + line, CASE WHEN line % 2 = 0 THEN random() END FROM generate_series(1, $4::int) line`,
    [order, session.sku(), total / 3, random.between(1, 6)],
  );
  await session.run(`UPDATE customers SET status = 'active', updated_at = clock_timestamp() WHERE id = ${CUSTOMER}`, [
    session.customerNumber(),
  ]);
}

async function pay(session: ShopSession): Promise<void> {
  const order = session.orderNumber();
  await session.run(
    `INSERT INTO payments VALUES (gen_random_uuid(), $1, $2::varchar, $3, clock_timestamp() AT TIME ZONE 'UTC', decode($4, 'hex'), jsonb_build_object('by', $2::varchar))`,
    [order, session.random.pick(['card', 'Überweisung']), session.random.between(1, 99_999) / 100, '00ff5c09'],
  );
  await session.run(`UPDATE orders SET state = 'paid', deliver_on = current_date + 3 WHERE id = ${ORDER}`, [order]);
  await session.run(`UPDATE payments SET details = NULL WHERE order_id = $1`, [order]);
}

async function signUp(session: ShopSession): Promise<void> {
  const id = session.newNumber();
  const name = session.random.pick(NAMES);
  await session.run(
    `INSERT INTO customers (id, email, full_name, tags, preferences, created_at, updated_at)
     VALUES ($1, $2, $3, ARRAY['new', NULL, 'a,b'], '{"news": true}', clock_timestamp(), clock_timestamp())`,
    [id, `new${id}@example.com`, name],
  );
  await session.run(
    `INSERT INTO addresses VALUES ($1, 'billing', $2, 'Gdańsk', NULL, 'PL', 54.35, 18.65), ($1, 'delivery', $2, 'Wien', '01010', 'AT', NULL, 1e-7)`,
    [id, `${name} street`],
  );
}

async function editCustomer(session: ShopSession): Promise<void> {
  const customer = session.customerNumber();
  await session.run(
    `UPDATE customers SET credit_limit = coalesce(credit_limit, 0) + $2, is_business = NOT is_business,
       preferences = coalesce(preferences, '{}') || jsonb_build_object('seen', $2::numeric) WHERE id = ${CUSTOMER}`,
    [customer, session.random.between(1, 500) / 100],
  );
  await session.run(`UPDATE customers SET tags = NULL, updated_at = clock_timestamp() WHERE id = ${CUSTOMER}`, [
    customer + 1,
  ]);
}

async function lookAround(session: ShopSession): Promise<void> {
  await session.run(
    `INSERT INTO page_views SELECT date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC'), $1, NULL, 5, 'Firefox' FROM generate_series(1, $2::int)`,
    [session.random.pick(['/', '/cart', '/häh?']), session.random.between(1, 8)],
  );
}

/** Equal rows: one of several goes, another changes, and the rest stay. */
async function forgetPageViews(session: ShopSession): Promise<void> {
  const row = '(SELECT ctid FROM page_views OFFSET $1 LIMIT 1)';
  await session.run(`DELETE FROM page_views WHERE ctid = ${row}`, [session.random.between(0, 500)]);
  await session.run(`UPDATE page_views SET agent = coalesce(agent, '') || '!' WHERE ctid = ${row}`, [
    session.random.between(0, 500),
  ]);
}

/** Several versions of one price in one transaction, and a price that goes and comes back. */
async function changePrices(session: ShopSession): Promise<void> {
  const currency = session.random.pick(CURRENCIES);
  const sku = session.sku();
  const raise = `UPDATE prices SET amount = amount * 1.01 + 0.000001, updated_at = clock_timestamp() WHERE sku = ${PRODUCT}`;
  await session.run(raise, [sku]);
  await session.run(`${raise} AND currency = $2`, [sku, currency]);
  if (session.random.chance(0.2)) {
    await session.run(`DELETE FROM prices WHERE sku = ${PRODUCT} AND currency = $2`, [sku, currency]);
    await session.run(
      `INSERT INTO prices SELECT sku, $2, 9.99, clock_timestamp() FROM products WHERE sku = ${PRODUCT}`,
      [sku, currency],
    );
  } else if (session.random.chance(0.1)) {
    await session.run(`DELETE FROM prices WHERE sku = ${PRODUCT} AND currency = $2`, [session.sku(), currency]);
  }
}

/** The long description is not touched, so the log does not hold it. */
async function editProduct(session: ShopSession): Promise<void> {
  await session.run(
    `UPDATE products SET attributes = attributes || '{"stock": 0}', weight = weight * 1.5, updated_at = clock_timestamp() WHERE sku = ${PRODUCT}`,
    [session.sku()],
  );
  if (session.random.chance(0.3)) {
    await session.run(`UPDATE products SET picture = decode(md5($2::text), 'hex') WHERE sku = ${PRODUCT}`, [
      session.sku(),
      session.newNumber(),
    ]);
  }
}

async function cancelOrder(session: ShopSession): Promise<void> {
  const order = session.orderNumber();
  await session.run(`DELETE FROM payments WHERE order_id = ${ORDER}`, [order]);
  await session.run(`DELETE FROM orders WHERE id = ${ORDER}`, [order]);
}

async function closeAccount(session: ShopSession): Promise<void> {
  await session.run(`DELETE FROM customers WHERE id = ${CUSTOMER}`, [session.customerNumber()]);
}

/** A primary key changes, and with it the customer's addresses and orders. */
async function renumberCustomer(session: ShopSession): Promise<void> {
  await session.run(`UPDATE customers SET id = $2, full_name = full_name || ' *' WHERE id = ${CUSTOMER}`, [
    session.customerNumber(),
    session.newNumber(),
  ]);
}

/** The key of a table with history changes by cascade; long descriptions move to another key without being sent. */
async function renameProduct(session: ShopSession): Promise<void> {
  await session.run(`UPDATE products SET sku = $2 WHERE sku = ${PRODUCT}`, [
    session.sku(),
    skuText(session.newNumber()),
  ]);
}

/** Two rows exchange their keys within one transaction. */
async function swapAddresses(session: ShopSession): Promise<void> {
  const customer = session.customerNumber();
  const move = `UPDATE addresses SET kind = $3 WHERE customer_id = ${CUSTOMER} AND kind = $2`;
  await session.run(move, [customer, 'billing', 'being moved']);
  await session.run(move, [customer, 'delivery', 'billing']);
  await session.run(move, [customer, 'being moved', 'delivery']);
}

/** One statement that changes many rows. */
async function stockTake(session: ShopSession): Promise<void> {
  const first = session.orderNumber();
  await session.run(`UPDATE order_items SET discount = coalesce(discount, 0) + 0.1 WHERE order_id BETWEEN $1 AND $2`, [
    first,
    first + 200,
  ]);
}
