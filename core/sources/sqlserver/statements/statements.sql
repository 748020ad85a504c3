-- beginSnapshot
SET TRANSACTION ISOLATION LEVEL SNAPSHOT; BEGIN TRANSACTION;

-- beginLocking
SET LOCK_TIMEOUT 5000; BEGIN TRANSACTION;

-- lockTable
SELECT COUNT(*) FROM (SELECT TOP (1) 1 AS one FROM [dbo].[Orders] WITH (TABLOCK, HOLDLOCK)) AS held;

-- touch
SELECT COUNT(*) FROM (SELECT TOP (1) 1 AS one FROM [a]]b].[it's; DROP TABLE x]) AS touched;

-- end
IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION; SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCK_TIMEOUT -1;

-- database
SELECT DB_NAME(), CONVERT(varchar(36), r.database_guid), CONVERT(varchar(36), r.recovery_fork_guid),
  CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')), CONVERT(nvarchar(128), SERVERPROPERTY('Edition')), d.snapshot_isolation_state_desc,
  CASE WHEN c.database_id IS NULL THEN '0' ELSE '1' END, CONVERT(varchar(20), c.retention_period * CASE c.retention_period_units WHEN 1 THEN 1 WHEN 2 THEN 60 ELSE 1440 END),
  CONVERT(varchar(1), c.is_auto_cleanup_on), CONVERT(varchar(1), d.is_cdc_enabled),
  CASE WHEN DB_ID(N'rdsadmin') IS NULL THEN '0' ELSE '1' END,
  CASE WHEN CONVERT(nvarchar(20), DATABASEPROPERTYEX(DB_NAME(), 'Updateability')) = N'READ_WRITE' THEN '1' ELSE '0' END, USER_NAME(),
  CONVERT(varchar(3), d.compatibility_level)
FROM sys.databases AS d
LEFT JOIN sys.database_recovery_status AS r ON r.database_id = d.database_id
LEFT JOIN sys.change_tracking_databases AS c ON c.database_id = d.database_id
WHERE d.database_id = DB_ID();

-- now
SELECT CONVERT(varchar(27), SYSUTCDATETIME(), 126), CONVERT(varchar(6), DATEPART(TZOFFSET, SYSDATETIMEOFFSET()));

-- minActiveRowversion
SELECT CONVERT(varchar(16), MIN_ACTIVE_ROWVERSION(), 2);

-- tableRights
-- @p1 = "[dbo].[Orders]"
-- @p2 = "[a]]b].[it's; DROP TABLE x]"
SELECT '0', CONVERT(varchar(1), HAS_PERMS_BY_NAME(@p1, 'OBJECT', 'SELECT')), CONVERT(varchar(1), HAS_PERMS_BY_NAME(@p1, 'OBJECT', 'VIEW CHANGE TRACKING'))
UNION ALL SELECT '1', CONVERT(varchar(1), HAS_PERMS_BY_NAME(@p2, 'OBJECT', 'SELECT')), CONVERT(varchar(1), HAS_PERMS_BY_NAME(@p2, 'OBJECT', 'VIEW CHANGE TRACKING'));

-- databaseRights
SELECT CONVERT(varchar(1), HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'VIEW DATABASE STATE')),
  CONVERT(varchar(1), CASE WHEN SCHEMA_ID(N'cdc') IS NULL THEN NULL ELSE HAS_PERMS_BY_NAME(N'cdc', 'SCHEMA', 'SELECT') END);

-- agent
SELECT CASE WHEN status = 4 THEN '1' ELSE '0' END FROM sys.dm_server_services WHERE servicename LIKE N'SQL Server Agent%';

-- tryCondition
SELECT COUNT(*) FROM (SELECT TOP (0) 1 AS one FROM [dbo].[Orders] WHERE (price > 5 -- dear
)) AS tried;

-- listTables
SELECT s.name, t.name, CONVERT(varchar(11), t.object_id),
  (SELECT CONVERT(varchar(20), SUM(p.rows)) FROM sys.partitions AS p WHERE p.object_id = t.object_id AND p.index_id IN (0, 1))
FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE t.is_ms_shipped = 0 AND s.name NOT IN (N'cdc', N'sys', N'INFORMATION_SCHEMA') AND HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), 'OBJECT', 'SELECT') = 1;

-- listKeys
SELECT s.name, t.name, c.name FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id
  JOIN sys.indexes AS i ON i.object_id = t.object_id AND i.is_primary_key = 1
  JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id AND k.key_ordinal > 0
  JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id
WHERE t.is_ms_shipped = 0 AND s.name NOT IN (N'cdc', N'sys', N'INFORMATION_SCHEMA') ORDER BY k.object_id, k.key_ordinal;

-- tables
-- @p1 = "dbo"
-- @p2 = "Orders"
-- @p3 = "a]b"
-- @p4 = "it's; DROP TABLE x"
SELECT s.name, t.name, CONVERT(varchar(11), t.object_id), CONVERT(varchar(1), t.is_memory_optimized), CONVERT(varchar(1), t.temporal_type)
FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id WHERE ((s.name = @p1 AND t.name = @p2) OR (s.name = @p3 AND t.name = @p4));

-- tables
SELECT s.name, t.name, CONVERT(varchar(11), t.object_id), CONVERT(varchar(1), t.is_memory_optimized), CONVERT(varchar(1), t.temporal_type)
FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id WHERE 1 = 0;

-- columns
-- @p1 = "dbo"
-- @p2 = "Orders"
SELECT s.name, t.name, c.name, CONVERT(varchar(11), c.column_id), COALESCE(b.name, y.name), CONVERT(varchar(11), c.max_length),
  CONVERT(varchar(11), c.precision), CONVERT(varchar(11), c.scale), CONVERT(varchar(1), c.is_nullable), CONVERT(varchar(1), c.is_computed),
  d.definition, CONVERT(varchar(11), k.key_ordinal), CONVERT(varchar(1), c.is_column_set), c.collation_name
FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id JOIN sys.columns AS c ON c.object_id = t.object_id
  JOIN sys.types AS y ON y.user_type_id = c.user_type_id
  LEFT JOIN sys.types AS b ON b.user_type_id = y.system_type_id AND y.is_assembly_type = 0
  LEFT JOIN sys.default_constraints AS d ON d.object_id = c.default_object_id
  LEFT JOIN (sys.index_columns AS k JOIN sys.indexes AS i ON i.object_id = k.object_id AND i.index_id = k.index_id AND i.is_primary_key = 1)
    ON k.object_id = c.object_id AND k.column_id = c.column_id
WHERE ((s.name = @p1 AND t.name = @p2)) ORDER BY t.object_id, c.column_id;

-- defaultText
-- @p1 = "1.5"
SELECT CONVERT(nvarchar(41), CONVERT(decimal(10, 2), @p1));

-- leadingColumns
-- @p1 = "[dbo].[Orders]"
SELECT c.name FROM sys.index_columns AS k JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id
WHERE k.object_id = OBJECT_ID(@p1) AND k.key_ordinal = 1;

-- tableSize
-- @p1 = "[dbo].[Orders]"
SELECT CONVERT(varchar(20), SUM(a.used_pages) * 8192), CONVERT(varchar(20), SUM(CASE WHEN a.type = 1 THEN p.rows ELSE 0 END))
FROM sys.partitions AS p JOIN sys.allocation_units AS a ON a.container_id = CASE WHEN a.type = 2 THEN p.partition_id ELSE p.hobt_id END
WHERE p.object_id = OBJECT_ID(@p1) AND p.index_id IN (0, 1);

-- rows
SELECT [id], NULL, CONVERT(nvarchar(41), [price]) FROM [dbo].[Orders];

-- rows
-- @p1 = "10"
-- @p2 = "20"
SELECT [id] FROM [a]]b].[it's; DROP TABLE x] WHERE [id] > CONVERT(bigint, @p1) AND [id] <= CONVERT(bigint, @p2) AND (state <> N'gone'
);

-- rows
-- @p1 = "00000000000007D1"
-- @p2 = "00000000000007E0"
SELECT [seen], [id] FROM [dbo].[Orders] WHERE [seen] IS NOT NULL AND [seen] > CONVERT(binary(8), @p1, 2) AND [seen] < CONVERT(binary(8), @p2, 2) ORDER BY [seen];

-- rows
-- @p1 = "1"
-- @p2 = "a"
-- @p3 = "b'"
SELECT [id], [line] FROM [dbo].[Orders] WHERE (([id] = TRY_CONVERT(bigint, @p1) AND [line] = @p2) OR ([id] = TRY_CONVERT(bigint, @p1) AND [line] = @p3));

-- rows
-- @p1 = "1"
-- @p2 = "2"
SELECT [id] FROM [dbo].[Orders] WHERE [id] IN (TRY_CONVERT(bigint, @p1), TRY_CONVERT(bigint, @p2));

-- boundaries
-- @p1 = "1000"
SELECT [id] FROM (SELECT [id], ROW_NUMBER() OVER (ORDER BY [id]) AS place FROM [dbo].[Orders]) AS numbered WHERE place % CONVERT(bigint, @p1) = 0 ORDER BY [id];

-- greatest
-- @p1 = "2026-11-21 09:00:00.000"
SELECT TOP (1) CONVERT(nvarchar(27), [at], 121) FROM [dbo].[Orders] WHERE [at] <= CONVERT(datetime2(3), @p1, 121) ORDER BY [at] DESC;

-- trackingVersion
SELECT CONVERT(varchar(20), CHANGE_TRACKING_CURRENT_VERSION());

-- trackedTables
SELECT s.name, t.name, CONVERT(varchar(11), t.object_id), CONVERT(varchar(20), c.min_valid_version), CONVERT(varchar(20), c.begin_version)
FROM sys.change_tracking_tables AS c JOIN sys.tables AS t ON t.object_id = c.object_id JOIN sys.schemas AS s ON s.schema_id = t.schema_id;

-- changedTables
SELECT '0' WHERE EXISTS (SELECT 1 FROM CHANGETABLE(CHANGES [dbo].[Orders], 17) AS CT)
UNION ALL SELECT '1' WHERE EXISTS (SELECT 1 FROM CHANGETABLE(CHANGES [a]]b].[it's; DROP TABLE x], 4) AS CT);

-- trackedChanges
-- @p1 = "21"
SELECT CONVERT(varchar(20), CT.SYS_CHANGE_VERSION), CT.SYS_CHANGE_OPERATION, CASE WHEN T.[id] IS NULL THEN '0' ELSE '1' END,
  CT.[id], CT.[line], T.[id], T.[line], CONVERT(nvarchar(41), T.[price])
FROM CHANGETABLE(CHANGES [dbo].[Orders], 17) AS CT LEFT JOIN [dbo].[Orders] AS T ON T.[id] = CT.[id] AND T.[line] = CT.[line]
WHERE CT.SYS_CHANGE_VERSION <= CONVERT(bigint, @p1);

-- captureInstances
SELECT OBJECT_SCHEMA_NAME(c.source_object_id), OBJECT_NAME(c.source_object_id), c.capture_instance,
  CONVERT(varchar(11), c.source_object_id), CONVERT(varchar(11), c.object_id), CONVERT(varchar(20), c.start_lsn, 2),
  CONVERT(varchar(20), sys.fn_cdc_get_min_lsn(c.capture_instance), 2),
  CASE WHEN COL_LENGTH(N'cdc.' + QUOTENAME(c.capture_instance + N'_CT'), N'__$command_id') IS NULL THEN '0' ELSE '1' END
FROM cdc.change_tables AS c ORDER BY c.source_object_id, c.start_lsn, c.create_date;

-- capturedColumns
-- @p1 = "dbo_Orders"
-- @p2 = "v2"
SELECT c.capture_instance, k.column_name, CONVERT(varchar(11), k.column_ordinal), CONVERT(varchar(11), k.column_id),
  COALESCE(b.name, y.name), CONVERT(varchar(11), n.max_length), CONVERT(varchar(11), n.precision), CONVERT(varchar(11), n.scale)
FROM cdc.captured_columns AS k JOIN cdc.change_tables AS c ON c.object_id = k.object_id
  JOIN sys.columns AS n ON n.object_id = k.object_id AND n.name = k.column_name
  JOIN sys.types AS y ON y.user_type_id = n.user_type_id
  LEFT JOIN sys.types AS b ON b.user_type_id = y.system_type_id AND y.is_assembly_type = 0
WHERE c.capture_instance IN (@p1, @p2) ORDER BY c.capture_instance, k.column_ordinal;

-- capturedUpTo
SELECT TOP (1) CONVERT(varchar(20), m.start_lsn, 2), CONVERT(varchar(27), m.tran_end_time, 126) FROM cdc.lsn_time_mapping AS m
WHERE m.start_lsn = sys.fn_cdc_get_max_lsn();

-- capturedFrom
SELECT CONVERT(varchar(20), MIN(m.start_lsn), 2) FROM cdc.lsn_time_mapping AS m;

-- logEnd
SELECT l.log_end_lsn, CONVERT(varchar(27), SYSUTCDATETIME(), 126), CONVERT(varchar(6), DATEPART(TZOFFSET, SYSDATETIMEOFFSET())) FROM sys.dm_db_log_stats(DB_ID()) AS l;

-- capturedTransactions
-- @p1 = "500"
-- @p2 = "0000002B000001280003"
SELECT TOP (CONVERT(bigint, @p1)) CONVERT(varchar(20), m.start_lsn, 2), CONVERT(varchar(27), m.tran_end_time, 126)
FROM cdc.lsn_time_mapping AS m WHERE m.start_lsn > CONVERT(binary(10), @p2, 2) AND m.tran_id <> 0x00 ORDER BY m.start_lsn;

-- changedInstances
-- @p1 = "0000002B000001280003"
SELECT '0' WHERE EXISTS (SELECT 1 FROM [cdc].[dbo_Orders_CT] WHERE [__$start_lsn] > CONVERT(binary(10), @p1, 2) AND [__$start_lsn] <= CONVERT(binary(10), @p1, 2));

-- capturedChanges
-- @p1 = "2000"
-- @p2 = "0000002B000001280003"
-- @p3 = "7"
-- @p4 = "3"
SELECT TOP (CONVERT(bigint, @p1)) CONVERT(varchar(20), [__$start_lsn], 2), CONVERT(varchar(11), [__$command_id]), CONVERT(varchar(20), [__$seqval], 2), CONVERT(varchar(1), [__$operation]),
  CONVERT(varchar(256), [__$update_mask], 2), [id], NULL, CONVERT(nvarchar(41), [price])
FROM (SELECT * FROM (SELECT TOP (CONVERT(bigint, @p1)) * FROM [cdc].[dbo_Orders]]_CT] WHERE [__$start_lsn] = CONVERT(binary(10), @p2, 2) AND [__$command_id] = CONVERT(bigint, @p3) AND [__$seqval] = CONVERT(binary(10), @p2, 2) AND [__$operation] > CONVERT(bigint, @p4) ORDER BY [__$start_lsn], [__$command_id], [__$seqval], [__$operation]) AS part1
  UNION ALL SELECT * FROM (SELECT TOP (CONVERT(bigint, @p1)) * FROM [cdc].[dbo_Orders]]_CT] WHERE [__$start_lsn] = CONVERT(binary(10), @p2, 2) AND [__$command_id] = CONVERT(bigint, @p3) AND [__$seqval] > CONVERT(binary(10), @p2, 2) ORDER BY [__$start_lsn], [__$command_id], [__$seqval], [__$operation]) AS part2
  UNION ALL SELECT * FROM (SELECT TOP (CONVERT(bigint, @p1)) * FROM [cdc].[dbo_Orders]]_CT] WHERE [__$start_lsn] = CONVERT(binary(10), @p2, 2) AND [__$command_id] > CONVERT(bigint, @p3) ORDER BY [__$start_lsn], [__$command_id], [__$seqval], [__$operation]) AS part3
  UNION ALL SELECT * FROM (SELECT TOP (CONVERT(bigint, @p1)) * FROM [cdc].[dbo_Orders]]_CT] WHERE [__$start_lsn] > CONVERT(binary(10), @p2, 2) AND [__$start_lsn] <= CONVERT(binary(10), @p2, 2) ORDER BY [__$start_lsn], [__$command_id], [__$seqval], [__$operation]) AS part4) AS changes
ORDER BY [__$start_lsn], [__$command_id], [__$seqval], [__$operation];

-- capturedChanges
-- @p1 = "200"
-- @p2 = "0000002B000001280003"
SELECT TOP (CONVERT(bigint, @p1)) CONVERT(varchar(20), [__$start_lsn], 2), CONVERT(varchar(11), [__$command_id]), CONVERT(varchar(20), [__$seqval], 2), CONVERT(varchar(1), [__$operation]),
  CONVERT(varchar(256), [__$update_mask], 2), [id]
FROM [cdc].[dbo_Orders_CT] WHERE [__$start_lsn] >= CONVERT(binary(10), @p2, 2) AND [__$start_lsn] <= CONVERT(binary(10), @p2, 2)
ORDER BY [__$start_lsn], [__$command_id], [__$seqval], [__$operation];

-- structureHistory
-- @p1 = "dbo_Orders"
SELECT OBJECT_SCHEMA_NAME(h.source_object_id), OBJECT_NAME(h.source_object_id), c.capture_instance, CONVERT(varchar(20), h.ddl_lsn, 2),
  CONVERT(varchar(1), h.required_column_update), h.ddl_command
FROM cdc.ddl_history AS h JOIN cdc.change_tables AS c ON c.object_id = h.object_id
WHERE c.capture_instance IN (@p1) ORDER BY h.ddl_lsn;

-- captureRights
-- @p1 = "[cdc].[dbo_Orders_CT]"
SELECT '0', CONVERT(varchar(1), HAS_PERMS_BY_NAME(@p1, 'OBJECT', 'SELECT'));

-- captureRetention
SELECT CONVERT(varchar(20), j.retention) FROM msdb.dbo.cdc_jobs AS j WHERE j.database_id = DB_ID() AND j.job_type = N'cleanup';
