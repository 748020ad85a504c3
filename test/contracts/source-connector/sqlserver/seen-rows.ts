// Change tracking does not tell what a row was at a version. Here the server keeps it itself: a trigger writes every image of a table's
// rows into a table that is tracked, too, where no row ever changes: so the version of each image is that of its commit.

/** Statements that begin it, one batch each, for a table of schema dbo with the primary key `id`. */
export function watching(table: string): string[] {
  const seen = `seen.${table}`;
  return [
    `IF SCHEMA_ID(N'seen') IS NULL EXEC (N'CREATE SCHEMA seen')`,
    `SELECT TOP (0) CAST(0 AS bit) AS gone, t.* INTO ${seen} FROM dbo.${table} AS t`,
    `ALTER TABLE ${seen} ADD seq bigint IDENTITY NOT NULL CONSTRAINT ${table}_seen PRIMARY KEY`,
    `ALTER TABLE ${seen} ENABLE CHANGE_TRACKING`,
    `CREATE TRIGGER dbo.see_${table} ON dbo.${table} AFTER INSERT, UPDATE, DELETE AS BEGIN
  SET NOCOUNT ON;
  INSERT INTO ${seen} SELECT 1, d.* FROM deleted AS d WHERE NOT EXISTS (SELECT 1 FROM inserted AS i WHERE i.id = d.id);
  INSERT INTO ${seen} SELECT 0, i.* FROM inserted AS i;
END`,
  ];
}

/** The rows as they were at a version. */
export function rowsAtSql(table: string, columns: readonly string[], version: string): string {
  const images = `SELECT s.*, ROW_NUMBER() OVER (PARTITION BY s.id ORDER BY s.seq DESC) AS place
  FROM seen.${table} AS s JOIN CHANGETABLE(CHANGES seen.${table}, 0) AS c ON c.seq = s.seq WHERE c.SYS_CHANGE_VERSION <= ${BigInt(version)}`;
  return `SELECT ${columns.join(', ')} FROM (${images}) AS images WHERE place = 1 AND gone = 0`;
}
