-- What is sent to a SingleStore. Written by sql-texts.test.ts, never run on a SingleStore by the project's tests.
SET NAMES utf8mb4;
SET SESSION sql_mode = 'STRICT_ALL_TABLES';
SET SESSION autocommit = 1;
CREATE ROWSTORE TABLE IF NOT EXISTS `shop`.`penstock_ledger` (pipeline VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, tbl VARCHAR(300) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, applied BIGINT NULL, epoch BIGINT NOT NULL, steps BIGINT NOT NULL, copy_generation BIGINT NOT NULL, copy_state VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, copy_applied BIGINT NULL, replay_from BIGINT NULL, replay_next BIGINT NULL, replay_emptied BIGINT NOT NULL DEFAULT 0, updated_at DATETIME(6) NOT NULL, PRIMARY KEY (pipeline, tbl));
CREATE ROWSTORE TABLE IF NOT EXISTS `shop`.`penstock_copy_chunks` (pipeline VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, tbl VARCHAR(300) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, generation BIGINT NOT NULL, chunk BIGINT NOT NULL, PRIMARY KEY (pipeline, tbl, generation, chunk));
CREATE TABLE IF NOT EXISTS `shop`.`penstock_quarantine` (pipeline VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, tbl VARCHAR(300) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, position VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, reason VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, col VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, raw LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, at DATETIME(6) NOT NULL, id CHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, row_key LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL, PRIMARY KEY (pipeline, id));

-- A MIRROR
-- tables
CREATE TABLE IF NOT EXISTS `shop`.`orders` (
  `id` BIGINT NOT NULL,
  `region` VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `total` DECIMAL(10,2) NULL,
  `milli` DATETIME(6) NULL,
  `note` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  `raw` LONGBLOB NULL,
  `ratio` DOUBLE NULL,
  PRIMARY KEY (`id`, `region`),
  SHARD KEY (`id`, `region`),
  SORT KEY (`id`, `region`)
);
CREATE TABLE IF NOT EXISTS `shop`.`orders__staging` (
  `__load` BIGINT NOT NULL,
  `__op` CHAR(1) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `__seq` BIGINT NOT NULL,
  `__at` DATETIME(6) NOT NULL,
  `__absent` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `__origin1` BIGINT NULL,
  `__origin2` VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  `id` BIGINT NOT NULL,
  `region` VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `total` DECIMAL(10,2) NULL,
  `milli` DATETIME(6) NULL,
  `note` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  `raw` LONGBLOB NULL,
  `ratio` DOUBLE NULL,
  SHARD KEY (`id`, `region`),
  SORT KEY (`__load`, `__seq`)
) COMMENT='penstock staging …';

-- structure
ALTER TABLE `shop`.`orders` ADD COLUMN `total` DECIMAL(10,2) DEFAULT '1.50';
ALTER TABLE `shop`.`orders` MODIFY COLUMN `total` DECIMAL(10,2) DEFAULT '1.50';
ALTER TABLE `shop`.`orders` ADD COLUMN `note` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT 'it\'s';
ALTER TABLE `shop`.`orders` MODIFY COLUMN `note` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT 'it\'s';
ALTER TABLE `shop`.`orders` ADD COLUMN `raw` LONGBLOB DEFAULT X'00ff';
ALTER TABLE `shop`.`orders` MODIFY COLUMN `raw` LONGBLOB DEFAULT X'00ff';
ALTER TABLE `shop`.`orders` RENAME TO `shop`.`other`;
ALTER TABLE `shop`.`orders` CHANGE `was` `is`;
SELECT COUNT(*) AS unfit FROM `shop`.`orders` WHERE `id` NOT BETWEEN -9223372036854775808 AND 9223372036854775807 OR `id` <> ROUND(`id`);
SELECT COUNT(*) AS unfit FROM `shop`.`orders` WHERE CHAR_LENGTH(`region`) > 10;
SELECT COUNT(*) AS unfit FROM `shop`.`orders` WHERE `total` <> CAST(`total` AS DECIMAL(10,2));
SELECT COUNT(*) AS unfit FROM `shop`.`orders` WHERE `milli` <> CAST(`milli` AS DATETIME(6));
SELECT COUNT(*) AS unfit FROM `shop`.`orders` WHERE FALSE;
SELECT COUNT(*) AS unfit FROM `shop`.`orders` WHERE FALSE;
SELECT COUNT(*) AS unfit FROM `shop`.`orders` WHERE FALSE;

-- load
LOAD DATA LOCAL INFILE 'penstock.tsv' INTO TABLE `shop`.`x` CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' (`id`, `region`, `total`, @v3, `note`, @v5, `ratio`) SET `__load` = 42, `milli` = IF(LOCATE('.', @v3) > 0 AND LENGTH(@v3) - LOCATE('.', @v3) > 3, CAST('too many fractional digits' AS SIGNED), @v3), `raw` = IF(@v5 IS NULL, NULL, IFNULL(IF(LENGTH(@v5) % 2 = 0, UNHEX(@v5), NULL), CAST('not hexadecimal' AS SIGNED)));

-- merge
DELETE FROM `shop`.`orders`;
INSERT INTO `shop`.`orders` (`id`, `region`, `total`, `milli`, `note`, `raw`, `ratio`) SELECT s.`id`, s.`region`, s.`total`, s.`milli`, s.`note`, s.`raw`, s.`ratio` FROM `shop`.`orders__staging` s WHERE s.`__load` = 42 AND s.`__op` = 'U' ON DUPLICATE KEY UPDATE `total` = VALUES(`total`), `milli` = VALUES(`milli`), `note` = VALUES(`note`), `raw` = VALUES(`raw`), `ratio` = VALUES(`ratio`);
DELETE t FROM `shop`.`orders__staging` s JOIN `shop`.`orders` t ON t.`id` = s.`id` AND t.`region` = s.`region` WHERE s.`__load` = 42 AND s.`__op` = 'D';

-- merge, some values absent
DELETE FROM `shop`.`orders`;
SELECT COUNT(*) AS missing FROM `shop`.`orders__staging` s LEFT JOIN `shop`.`orders` o ON o.`id` = s.`__origin1` AND o.`region` = s.`__origin2` WHERE s.`__load` = 42 AND s.`__op` = 'U' AND s.`__absent` <> '' AND o.`id` IS NULL;
INSERT INTO `shop`.`orders` (`id`, `region`, `total`, `milli`, `note`, `raw`, `ratio`) SELECT s.`id`, s.`region`, IF(LOCATE(',3,', CONCAT(',', s.`__absent`, ',')) > 0, o.`total`, s.`total`), IF(LOCATE(',4,', CONCAT(',', s.`__absent`, ',')) > 0, o.`milli`, s.`milli`), IF(LOCATE(',5,', CONCAT(',', s.`__absent`, ',')) > 0, o.`note`, s.`note`), IF(LOCATE(',6,', CONCAT(',', s.`__absent`, ',')) > 0, o.`raw`, s.`raw`), IF(LOCATE(',7,', CONCAT(',', s.`__absent`, ',')) > 0, o.`ratio`, s.`ratio`) FROM `shop`.`orders__staging` s LEFT JOIN `shop`.`orders` o ON o.`id` = s.`__origin1` AND o.`region` = s.`__origin2` WHERE s.`__load` = 42 AND s.`__op` = 'U' ON DUPLICATE KEY UPDATE `total` = VALUES(`total`), `milli` = VALUES(`milli`), `note` = VALUES(`note`), `raw` = VALUES(`raw`), `ratio` = VALUES(`ratio`);
DELETE t FROM `shop`.`orders__staging` s JOIN `shop`.`orders` t ON t.`id` = s.`id` AND t.`region` = s.`region` WHERE s.`__load` = 42 AND s.`__op` = 'D';

-- replay
CREATE TABLE IF NOT EXISTS `shop`.`orders__replay` (
  `__op` CHAR(1) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `__absent` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `id` BIGINT NOT NULL,
  `region` VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `total` DECIMAL(10,2) NULL,
  `milli` DATETIME(6) NULL,
  `note` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  `raw` LONGBLOB NULL,
  `ratio` DOUBLE NULL,
  PRIMARY KEY (`id`, `region`),
  SHARD KEY (`id`, `region`),
  SORT KEY (`id`, `region`)
) COMMENT='penstock replay …';
DELETE FROM `shop`.`orders__replay`;
INSERT INTO `shop`.`orders__replay` (`__op`, `__absent`, `id`, `region`, `total`, `milli`, `note`) SELECT 'U', CONCAT(IF(LOCATE(',3,', CONCAT(',', s.`__absent`, ',')) > 0, IF(o.`__op` IS NULL OR LOCATE(',3,', o.`__absent`) > 0, ',3,', IF(LOCATE(',-3,', o.`__absent`) > 0, ',-3,', '')), ''), IF(LOCATE(',4,', CONCAT(',', s.`__absent`, ',')) > 0, IF(o.`__op` IS NULL OR LOCATE(',4,', o.`__absent`) > 0, ',4,', IF(LOCATE(',-4,', o.`__absent`) > 0, ',-4,', '')), ''), IF(LOCATE(',5,', CONCAT(',', s.`__absent`, ',')) > 0, IF(o.`__op` IS NULL OR LOCATE(',5,', o.`__absent`) > 0, ',5,', IF(LOCATE(',-5,', o.`__absent`) > 0, ',-5,', '')), ''), ',-6,', ',-7,'), s.`id`, s.`region`, IF(LOCATE(',3,', CONCAT(',', s.`__absent`, ',')) > 0, o.`total`, s.`total`), IF(LOCATE(',4,', CONCAT(',', s.`__absent`, ',')) > 0, o.`milli`, s.`milli`), IF(LOCATE(',5,', CONCAT(',', s.`__absent`, ',')) > 0, o.`note`, s.`note`) FROM `shop`.`orders__staging` s LEFT JOIN `shop`.`orders__replay` o ON o.`id` = s.`__origin1` AND o.`region` = s.`__origin2` AND o.`__op` = 'U' WHERE s.`__load` = 42 AND s.`__op` = 'U' ON DUPLICATE KEY UPDATE `__op` = VALUES(`__op`), `__absent` = VALUES(`__absent`), `total` = VALUES(`total`), `milli` = VALUES(`milli`), `note` = VALUES(`note`);
INSERT INTO `shop`.`orders__replay` (`__op`, `__absent`, `id`, `region`) SELECT 'D', '', s.`id`, s.`region` FROM `shop`.`orders__staging` s WHERE s.`__load` = 42 AND s.`__op` = 'D' ON DUPLICATE KEY UPDATE `__op` = VALUES(`__op`), `__absent` = VALUES(`__absent`);
INSERT INTO `shop`.`orders__replay` (`__op`, `__absent`, `id`, `region`) SELECT 'Q', '', s.`id`, s.`region` FROM `shop`.`orders__staging` s LEFT JOIN `shop`.`orders__staging` u ON u.`__load` = 42 AND u.`id` = s.`id` AND u.`region` = s.`region` AND u.`__op` = 'U' WHERE s.`__load` = 45 AND u.`__op` IS NULL ON DUPLICATE KEY UPDATE `__op` = VALUES(`__op`), `__absent` = VALUES(`__absent`);
SELECT COUNT(*) AS unknown_rows, COALESCE(SUM(z.`__absent` RLIKE ',[0-9]' AND t.`id` IS NULL), 0) AS missing FROM `shop`.`orders__replay` z LEFT JOIN `shop`.`orders` t ON t.`id` = z.`id` AND t.`region` = z.`region` WHERE z.`__op` = 'U' AND z.`__absent` <> '';
DELETE t FROM `shop`.`orders` t LEFT JOIN `shop`.`orders__replay` z ON z.`id` = t.`id` AND z.`region` = t.`region` AND z.`__op` <> 'D' WHERE z.`__op` IS NULL;
INSERT INTO `shop`.`orders` (`id`, `region`, `total`, `milli`, `note`, `raw`, `ratio`) SELECT z.`id`, z.`region`, IF(LOCATE(',3,', z.`__absent`) > 0 OR LOCATE(',-3,', z.`__absent`) > 0, IF(t.`id` IS NULL, '1.50', t.`total`), z.`total`), IF(LOCATE(',4,', z.`__absent`) > 0 OR LOCATE(',-4,', z.`__absent`) > 0, IF(t.`id` IS NULL, NULL, t.`milli`), z.`milli`), IF(LOCATE(',5,', z.`__absent`) > 0 OR LOCATE(',-5,', z.`__absent`) > 0, IF(t.`id` IS NULL, 'it\'s', t.`note`), z.`note`), IF(LOCATE(',6,', z.`__absent`) > 0 OR LOCATE(',-6,', z.`__absent`) > 0, IF(t.`id` IS NULL, X'00ff', t.`raw`), z.`raw`), IF(LOCATE(',7,', z.`__absent`) > 0 OR LOCATE(',-7,', z.`__absent`) > 0, IF(t.`id` IS NULL, NULL, t.`ratio`), z.`ratio`) FROM `shop`.`orders__replay` z LEFT JOIN `shop`.`orders` t ON t.`id` = z.`id` AND t.`region` = z.`region` WHERE z.`__op` = 'U' ON DUPLICATE KEY UPDATE `total` = VALUES(`total`), `milli` = VALUES(`milli`), `note` = VALUES(`note`), `raw` = VALUES(`raw`), `ratio` = VALUES(`ratio`);
DELETE t FROM `shop`.`orders__replay` z JOIN `shop`.`orders` t ON t.`id` = z.`id` AND t.`region` = z.`region` WHERE z.`__op` = 'D';

-- replay, all values known
INSERT INTO `shop`.`orders__replay` (`__op`, `__absent`, `id`, `region`, `total`, `milli`, `note`, `raw`, `ratio`) SELECT 'U', '', s.`id`, s.`region`, s.`total`, s.`milli`, s.`note`, s.`raw`, s.`ratio` FROM `shop`.`orders__staging` s WHERE s.`__load` = 42 AND s.`__op` = 'U' ON DUPLICATE KEY UPDATE `__op` = VALUES(`__op`), `__absent` = VALUES(`__absent`), `total` = VALUES(`total`), `milli` = VALUES(`milli`), `note` = VALUES(`note`), `raw` = VALUES(`raw`), `ratio` = VALUES(`ratio`);
INSERT INTO `shop`.`orders__replay` (`__op`, `__absent`, `id`, `region`) SELECT 'D', '', s.`id`, s.`region` FROM `shop`.`orders__staging` s WHERE s.`__load` = 42 AND s.`__op` = 'D' ON DUPLICATE KEY UPDATE `__op` = VALUES(`__op`), `__absent` = VALUES(`__absent`);
DELETE t FROM `shop`.`orders` t LEFT JOIN `shop`.`orders__replay` z ON z.`id` = t.`id` AND z.`region` = t.`region` AND z.`__op` <> 'D' WHERE z.`__op` IS NULL;
INSERT INTO `shop`.`orders` (`id`, `region`, `total`, `milli`, `note`, `raw`, `ratio`) SELECT z.`id`, z.`region`, z.`total`, z.`milli`, z.`note`, z.`raw`, z.`ratio` FROM `shop`.`orders__replay` z WHERE z.`__op` = 'U' ON DUPLICATE KEY UPDATE `total` = VALUES(`total`), `milli` = VALUES(`milli`), `note` = VALUES(`note`), `raw` = VALUES(`raw`), `ratio` = VALUES(`ratio`);
DELETE t FROM `shop`.`orders__replay` z JOIN `shop`.`orders` t ON t.`id` = z.`id` AND t.`region` = z.`region` WHERE z.`__op` = 'D';

-- verification
SELECT COUNT(*) AS row_count, COALESCE(SUM(CAST(CONV(SUBSTRING(digest, 1, 15), 16, 10) AS UNSIGNED)), 0) AS low, COALESCE(SUM(CAST(CONV(SUBSTRING(digest, 16, 15), 16, 10) AS UNSIGNED)), 0) AS high, COALESCE(SUM(digest IS NULL), 0) AS undigested FROM (SELECT MD5(CONCAT(IF(t.`id` IS NULL, '-', CONCAT(LENGTH(CAST(t.`id` AS CHAR)), ':', CAST(t.`id` AS CHAR))), IF(t.`region` IS NULL, '-', CONCAT(LENGTH(t.`region`), ':', t.`region`)), IF(t.`total` IS NULL, '-', CONCAT(LENGTH(CAST(t.`total` AS CHAR)), ':', CAST(t.`total` AS CHAR))), IF(t.`milli` IS NULL, '-', CONCAT(LENGTH(SUBSTRING(CAST(t.`milli` AS CHAR), 1, LENGTH(CAST(t.`milli` AS CHAR)) - 3)), ':', SUBSTRING(CAST(t.`milli` AS CHAR), 1, LENGTH(CAST(t.`milli` AS CHAR)) - 3))), IF(t.`note` IS NULL, '-', CONCAT(LENGTH(t.`note`), ':', t.`note`)), IF(t.`raw` IS NULL, '-', CONCAT(LENGTH(LOWER(HEX(t.`raw`))), ':', LOWER(HEX(t.`raw`)))))) AS digest FROM `shop`.`orders` t WHERE t.`id` > 1 AND t.`id` <= 9) x;
SELECT MD5(CONCAT(IF(t.`id` IS NULL, '-', CONCAT(LENGTH(CAST(t.`id` AS CHAR)), ':', CAST(t.`id` AS CHAR))), IF(t.`region` IS NULL, '-', CONCAT(LENGTH(t.`region`), ':', t.`region`)), IF(t.`total` IS NULL, '-', CONCAT(LENGTH(CAST(t.`total` AS CHAR)), ':', CAST(t.`total` AS CHAR))), IF(t.`milli` IS NULL, '-', CONCAT(LENGTH(SUBSTRING(CAST(t.`milli` AS CHAR), 1, LENGTH(CAST(t.`milli` AS CHAR)) - 3)), ':', SUBSTRING(CAST(t.`milli` AS CHAR), 1, LENGTH(CAST(t.`milli` AS CHAR)) - 3))), IF(t.`note` IS NULL, '-', CONCAT(LENGTH(t.`note`), ':', t.`note`)), IF(t.`raw` IS NULL, '-', CONCAT(LENGTH(LOWER(HEX(t.`raw`))), ':', LOWER(HEX(t.`raw`)))))) AS digest, CAST(t.`id` AS CHAR) AS k0, t.`region` AS k1, CAST(t.`ratio` AS CHAR) AS d0 FROM `shop`.`orders` t WHERE t.`id` > 1 AND t.`id` <= 9 ORDER BY CAST(CAST(t.`id` AS CHAR) AS BINARY), CAST(t.`region` AS BINARY);
SELECT CAST(t.`id` AS CHAR) AS c0, t.`region` AS c1, CAST(t.`total` AS CHAR) AS c2, SUBSTRING(CAST(t.`milli` AS CHAR), 1, LENGTH(CAST(t.`milli` AS CHAR)) - 3) AS c3, t.`note` AS c4, LOWER(HEX(t.`raw`)) AS c5, CAST(t.`ratio` AS CHAR) AS c6 FROM `shop`.`orders` t WHERE ((t.`id` = 1 AND t.`region` = 'a'));

-- repair
INSERT INTO `shop`.`orders` (`id`, `region`, `total`, `milli`, `note`, `raw`, `ratio`) SELECT s.`id`, s.`region`, s.`total`, s.`milli`, s.`note`, s.`raw`, s.`ratio` FROM `shop`.`orders__staging` s WHERE s.`__load` = 43 ON DUPLICATE KEY UPDATE `total` = VALUES(`total`), `milli` = VALUES(`milli`), `note` = VALUES(`note`), `raw` = VALUES(`raw`), `ratio` = VALUES(`ratio`);
DELETE t FROM `shop`.`orders__staging` s LEFT JOIN `shop`.`orders__staging` r ON r.`__load` = 43 AND r.`id` = s.`id` AND r.`region` = s.`region` JOIN `shop`.`orders` t ON t.`id` = s.`id` AND t.`region` = s.`region` WHERE s.`__load` = 44 AND r.`__load` IS NULL;

-- A HISTORY
-- tables
CREATE TABLE IF NOT EXISTS `shop`.`prices` (
  `id` BIGINT NOT NULL,
  `region` VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `total` DECIMAL(10,2) NULL,
  `milli` DATETIME(6) NULL,
  `note` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  `raw` LONGBLOB NULL,
  `ratio` DOUBLE NULL,
  `valid_from` DATETIME(6) NOT NULL,
  `valid_to` DATETIME(6) NOT NULL,
  `__seq` BIGINT NOT NULL,
  PRIMARY KEY (`id`, `region`, `__seq`),
  SHARD KEY (`id`, `region`),
  SORT KEY (`id`, `region`)
);
CREATE TABLE IF NOT EXISTS `shop`.`prices__staging` (
  `__load` BIGINT NOT NULL,
  `__op` CHAR(1) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `__seq` BIGINT NOT NULL,
  `__at` DATETIME(6) NOT NULL,
  `__absent` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `__origin1` BIGINT NULL,
  `__origin2` VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  `id` BIGINT NOT NULL,
  `region` VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `total` DECIMAL(10,2) NULL,
  `milli` DATETIME(6) NULL,
  `note` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  `raw` LONGBLOB NULL,
  `ratio` DOUBLE NULL,
  SHARD KEY (`id`, `region`),
  SORT KEY (`__load`, `__seq`)
) COMMENT='penstock staging …';

-- structure
ALTER TABLE `shop`.`prices` ADD COLUMN `total` DECIMAL(10,2) DEFAULT '1.50';
ALTER TABLE `shop`.`prices` MODIFY COLUMN `total` DECIMAL(10,2) DEFAULT '1.50';
ALTER TABLE `shop`.`prices` ADD COLUMN `note` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT 'it\'s';
ALTER TABLE `shop`.`prices` MODIFY COLUMN `note` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT 'it\'s';
ALTER TABLE `shop`.`prices` ADD COLUMN `raw` LONGBLOB DEFAULT X'00ff';
ALTER TABLE `shop`.`prices` MODIFY COLUMN `raw` LONGBLOB DEFAULT X'00ff';
ALTER TABLE `shop`.`prices` RENAME TO `shop`.`other`;
ALTER TABLE `shop`.`prices` CHANGE `was` `is`;
SELECT COUNT(*) AS unfit FROM `shop`.`prices` WHERE `id` NOT BETWEEN -9223372036854775808 AND 9223372036854775807 OR `id` <> ROUND(`id`);
SELECT COUNT(*) AS unfit FROM `shop`.`prices` WHERE CHAR_LENGTH(`region`) > 10;
SELECT COUNT(*) AS unfit FROM `shop`.`prices` WHERE `total` <> CAST(`total` AS DECIMAL(10,2));
SELECT COUNT(*) AS unfit FROM `shop`.`prices` WHERE `milli` <> CAST(`milli` AS DATETIME(6));
SELECT COUNT(*) AS unfit FROM `shop`.`prices` WHERE FALSE;
SELECT COUNT(*) AS unfit FROM `shop`.`prices` WHERE FALSE;
SELECT COUNT(*) AS unfit FROM `shop`.`prices` WHERE FALSE;

-- load
LOAD DATA LOCAL INFILE 'penstock.tsv' INTO TABLE `shop`.`x` CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' (`id`, `region`, `total`, @v3, `note`, @v5, `ratio`) SET `__load` = 42, `milli` = IF(LOCATE('.', @v3) > 0 AND LENGTH(@v3) - LOCATE('.', @v3) > 3, CAST('too many fractional digits' AS SIGNED), @v3), `raw` = IF(@v5 IS NULL, NULL, IFNULL(IF(LENGTH(@v5) % 2 = 0, UNHEX(@v5), NULL), CAST('not hexadecimal' AS SIGNED)));

-- merge
UPDATE `shop`.`prices` SET `valid_to` = '2026-11-21 09:00:00.000000' WHERE `valid_to` = '9999-12-31 00:00:00.000000';
INSERT INTO `shop`.`prices` (`id`, `region`, `total`, `milli`, `note`, `raw`, `ratio`, `valid_from`, `valid_to`, `__seq`) SELECT s.`id`, s.`region`, s.`total`, s.`milli`, s.`note`, s.`raw`, s.`ratio`, s.`__at`, COALESCE(n.`__next`, '9999-12-31 00:00:00.000000'), s.`__seq` FROM (SELECT s.`id`, s.`region`, s.`__seq`, LEAD(s.`__at`) OVER (PARTITION BY s.`id`, s.`region` ORDER BY s.`__seq`) AS `__next` FROM `shop`.`prices__staging` s WHERE s.`__load` = 42) n JOIN `shop`.`prices__staging` s ON s.`__load` = 42 AND s.`id` = n.`id` AND s.`region` = n.`region` AND s.`__seq` = n.`__seq` WHERE s.`__op` = 'U' ON DUPLICATE KEY UPDATE `valid_to` = VALUES(`valid_to`);
UPDATE (SELECT f.* FROM (SELECT s.`id`, s.`region`, s.`__seq`, s.`__at`, ROW_NUMBER() OVER (PARTITION BY s.`id`, s.`region` ORDER BY s.`__seq`) AS `__n` FROM `shop`.`prices__staging` s WHERE s.`__load` = 42) f WHERE f.`__n` = 1) s JOIN `shop`.`prices` h ON h.`id` = s.`id` AND h.`region` = s.`region` AND h.`valid_to` = '9999-12-31 00:00:00.000000' AND h.`__seq` < s.`__seq` SET h.`valid_to` = s.`__at`;

-- merge, some values absent
UPDATE `shop`.`prices` SET `valid_to` = '2026-11-21 09:00:00.000000' WHERE `valid_to` = '9999-12-31 00:00:00.000000';
SELECT COUNT(*) AS missing FROM `shop`.`prices__staging` s LEFT JOIN `shop`.`prices` o ON o.`id` = s.`__origin1` AND o.`region` = s.`__origin2` AND o.`valid_to` = '9999-12-31 00:00:00.000000' WHERE s.`__load` = 42 AND s.`__op` = 'U' AND s.`__absent` <> '' AND o.`id` IS NULL;
INSERT INTO `shop`.`prices` (`id`, `region`, `total`, `milli`, `note`, `raw`, `ratio`, `valid_from`, `valid_to`, `__seq`) SELECT s.`id`, s.`region`, IF(LOCATE(',3,', CONCAT(',', s.`__absent`, ',')) > 0, o.`total`, s.`total`), IF(LOCATE(',4,', CONCAT(',', s.`__absent`, ',')) > 0, o.`milli`, s.`milli`), IF(LOCATE(',5,', CONCAT(',', s.`__absent`, ',')) > 0, o.`note`, s.`note`), IF(LOCATE(',6,', CONCAT(',', s.`__absent`, ',')) > 0, o.`raw`, s.`raw`), IF(LOCATE(',7,', CONCAT(',', s.`__absent`, ',')) > 0, o.`ratio`, s.`ratio`), s.`__at`, COALESCE(n.`__next`, '9999-12-31 00:00:00.000000'), s.`__seq` FROM (SELECT s.`id`, s.`region`, s.`__seq`, LEAD(s.`__at`) OVER (PARTITION BY s.`id`, s.`region` ORDER BY s.`__seq`) AS `__next` FROM `shop`.`prices__staging` s WHERE s.`__load` = 42) n JOIN `shop`.`prices__staging` s ON s.`__load` = 42 AND s.`id` = n.`id` AND s.`region` = n.`region` AND s.`__seq` = n.`__seq` LEFT JOIN `shop`.`prices` o ON o.`id` = s.`__origin1` AND o.`region` = s.`__origin2` AND o.`valid_to` = '9999-12-31 00:00:00.000000' WHERE s.`__op` = 'U' ON DUPLICATE KEY UPDATE `valid_to` = VALUES(`valid_to`);
UPDATE (SELECT f.* FROM (SELECT s.`id`, s.`region`, s.`__seq`, s.`__at`, ROW_NUMBER() OVER (PARTITION BY s.`id`, s.`region` ORDER BY s.`__seq`) AS `__n` FROM `shop`.`prices__staging` s WHERE s.`__load` = 42) f WHERE f.`__n` = 1) s JOIN `shop`.`prices` h ON h.`id` = s.`id` AND h.`region` = s.`region` AND h.`valid_to` = '9999-12-31 00:00:00.000000' AND h.`__seq` < s.`__seq` SET h.`valid_to` = s.`__at`;

-- replay
CREATE TABLE IF NOT EXISTS `shop`.`prices__replay` (
  `__op` CHAR(1) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `__absent` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `id` BIGINT NOT NULL,
  `region` VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `total` DECIMAL(10,2) NULL,
  `milli` DATETIME(6) NULL,
  `note` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  `raw` LONGBLOB NULL,
  `ratio` DOUBLE NULL,
  `valid_from` DATETIME(6) NOT NULL,
  `valid_to` DATETIME(6) NOT NULL,
  `__seq` BIGINT NOT NULL,
  `__until` BIGINT NULL,
  PRIMARY KEY (`id`, `region`, `__seq`),
  SHARD KEY (`id`, `region`),
  SORT KEY (`id`, `region`)
) COMMENT='penstock replay …';
UPDATE `shop`.`prices__replay` SET `valid_to` = '2026-11-21 09:00:00.000000', `__until` = 90000000000 WHERE `valid_to` = '9999-12-31 00:00:00.000000';
UPDATE `shop`.`prices` SET `valid_to` = '2026-11-21 09:00:00.000000' WHERE `valid_to` = '9999-12-31 00:00:00.000000' AND (`__seq` < 70000000000 OR (`__seq` % 10000000000 = 9999999999 AND `__seq` < 90000000000));
INSERT INTO `shop`.`prices__replay` (`__op`, `__absent`, `id`, `region`, `total`, `milli`, `note`, `valid_from`, `valid_to`, `__seq`, `__until`) SELECT 'U', CONCAT(IF(LOCATE(',3,', CONCAT(',', s.`__absent`, ',')) > 0, IF(o.`__op` IS NULL OR LOCATE(',3,', o.`__absent`) > 0, ',3,', IF(LOCATE(',-3,', o.`__absent`) > 0, ',-3,', '')), ''), IF(LOCATE(',4,', CONCAT(',', s.`__absent`, ',')) > 0, IF(o.`__op` IS NULL OR LOCATE(',4,', o.`__absent`) > 0, ',4,', IF(LOCATE(',-4,', o.`__absent`) > 0, ',-4,', '')), ''), IF(LOCATE(',5,', CONCAT(',', s.`__absent`, ',')) > 0, IF(o.`__op` IS NULL OR LOCATE(',5,', o.`__absent`) > 0, ',5,', IF(LOCATE(',-5,', o.`__absent`) > 0, ',-5,', '')), ''), ',-6,', ',-7,'), s.`id`, s.`region`, IF(LOCATE(',3,', CONCAT(',', s.`__absent`, ',')) > 0, o.`total`, s.`total`), IF(LOCATE(',4,', CONCAT(',', s.`__absent`, ',')) > 0, o.`milli`, s.`milli`), IF(LOCATE(',5,', CONCAT(',', s.`__absent`, ',')) > 0, o.`note`, s.`note`), s.`__at`, COALESCE(n.`__next`, '9999-12-31 00:00:00.000000'), s.`__seq`, n.`__until` FROM (SELECT s.`id`, s.`region`, s.`__seq`, LEAD(s.`__at`) OVER (PARTITION BY s.`id`, s.`region` ORDER BY s.`__seq`) AS `__next`, LEAD(s.`__seq`) OVER (PARTITION BY s.`id`, s.`region` ORDER BY s.`__seq`) AS `__until` FROM `shop`.`prices__staging` s WHERE s.`__load` = 42) n JOIN `shop`.`prices__staging` s ON s.`__load` = 42 AND s.`id` = n.`id` AND s.`region` = n.`region` AND s.`__seq` = n.`__seq` LEFT JOIN `shop`.`prices__replay` o ON o.`id` = s.`__origin1` AND o.`region` = s.`__origin2` AND o.`valid_to` = '9999-12-31 00:00:00.000000' WHERE s.`__op` = 'U';
UPDATE (SELECT f.* FROM (SELECT s.`id`, s.`region`, s.`__seq`, s.`__at`, ROW_NUMBER() OVER (PARTITION BY s.`id`, s.`region` ORDER BY s.`__seq`) AS `__n` FROM `shop`.`prices__staging` s WHERE s.`__load` = 42) f WHERE f.`__n` = 1) s JOIN `shop`.`prices__replay` h ON h.`id` = s.`id` AND h.`region` = s.`region` AND h.`valid_to` = '9999-12-31 00:00:00.000000' AND h.`__seq` < s.`__seq` SET h.`valid_to` = s.`__at`, h.`__until` = s.`__seq`;
UPDATE (SELECT f.* FROM (SELECT s.`id`, s.`region`, s.`__seq`, s.`__at`, ROW_NUMBER() OVER (PARTITION BY s.`id`, s.`region` ORDER BY s.`__seq`) AS `__n` FROM `shop`.`prices__staging` s WHERE s.`__load` = 42) f WHERE f.`__n` = 1) s JOIN `shop`.`prices` h ON h.`id` = s.`id` AND h.`region` = s.`region` AND h.`valid_to` = '9999-12-31 00:00:00.000000' AND (h.`__seq` < 70000000000 OR (h.`__seq` % 10000000000 = 9999999999 AND h.`__seq` < s.`__seq`)) SET h.`valid_to` = s.`__at`;
SELECT COUNT(*) AS unknown_rows, COALESCE(SUM(z.`__absent` RLIKE ',[0-9]' AND t.`id` IS NULL), 0) AS missing FROM `shop`.`prices__replay` z LEFT JOIN `shop`.`prices` t ON t.`id` = z.`id` AND t.`region` = z.`region` AND t.`__seq` = z.`__seq` WHERE z.`__op` = 'U' AND z.`__absent` <> '';
DELETE t FROM `shop`.`prices` t LEFT JOIN `shop`.`prices__replay` z ON z.`id` = t.`id` AND z.`region` = t.`region` AND z.`__seq` = t.`__seq` AND z.`__op` <> 'D' WHERE z.`__op` IS NULL AND t.`__seq` >= 70000000000 AND NOT (t.`__seq` % 10000000000 = 9999999999);
DELETE t FROM `shop`.`prices` t JOIN `shop`.`prices__replay` c ON c.`id` = t.`id` AND c.`region` = t.`region` AND c.`__seq` < t.`__seq` AND (c.`__until` IS NULL OR c.`__until` > t.`__seq`) WHERE t.`__seq` >= 70000000000 AND t.`__seq` % 10000000000 = 9999999999;
INSERT INTO `shop`.`prices` (`id`, `region`, `total`, `milli`, `note`, `raw`, `ratio`, `valid_from`, `valid_to`, `__seq`) SELECT z.`id`, z.`region`, IF(LOCATE(',3,', z.`__absent`) > 0 OR LOCATE(',-3,', z.`__absent`) > 0, IF(t.`id` IS NULL, '1.50', t.`total`), z.`total`), IF(LOCATE(',4,', z.`__absent`) > 0 OR LOCATE(',-4,', z.`__absent`) > 0, IF(t.`id` IS NULL, NULL, t.`milli`), z.`milli`), IF(LOCATE(',5,', z.`__absent`) > 0 OR LOCATE(',-5,', z.`__absent`) > 0, IF(t.`id` IS NULL, 'it\'s', t.`note`), z.`note`), IF(LOCATE(',6,', z.`__absent`) > 0 OR LOCATE(',-6,', z.`__absent`) > 0, IF(t.`id` IS NULL, X'00ff', t.`raw`), z.`raw`), IF(LOCATE(',7,', z.`__absent`) > 0 OR LOCATE(',-7,', z.`__absent`) > 0, IF(t.`id` IS NULL, NULL, t.`ratio`), z.`ratio`), z.`valid_from`, z.`valid_to`, z.`__seq` FROM `shop`.`prices__replay` z LEFT JOIN `shop`.`prices` t ON t.`id` = z.`id` AND t.`region` = z.`region` AND t.`__seq` = z.`__seq` WHERE z.`__op` = 'U' ON DUPLICATE KEY UPDATE `total` = VALUES(`total`), `milli` = VALUES(`milli`), `note` = VALUES(`note`), `raw` = VALUES(`raw`), `ratio` = VALUES(`ratio`), `valid_from` = VALUES(`valid_from`), `valid_to` = VALUES(`valid_to`);

-- replay, all values known
INSERT INTO `shop`.`prices__replay` (`__op`, `__absent`, `id`, `region`, `total`, `milli`, `note`, `raw`, `ratio`, `valid_from`, `valid_to`, `__seq`, `__until`) SELECT 'U', '', s.`id`, s.`region`, s.`total`, s.`milli`, s.`note`, s.`raw`, s.`ratio`, s.`__at`, COALESCE(n.`__next`, '9999-12-31 00:00:00.000000'), s.`__seq`, n.`__until` FROM (SELECT s.`id`, s.`region`, s.`__seq`, LEAD(s.`__at`) OVER (PARTITION BY s.`id`, s.`region` ORDER BY s.`__seq`) AS `__next`, LEAD(s.`__seq`) OVER (PARTITION BY s.`id`, s.`region` ORDER BY s.`__seq`) AS `__until` FROM `shop`.`prices__staging` s WHERE s.`__load` = 42) n JOIN `shop`.`prices__staging` s ON s.`__load` = 42 AND s.`id` = n.`id` AND s.`region` = n.`region` AND s.`__seq` = n.`__seq` WHERE s.`__op` = 'U';
UPDATE (SELECT f.* FROM (SELECT s.`id`, s.`region`, s.`__seq`, s.`__at`, ROW_NUMBER() OVER (PARTITION BY s.`id`, s.`region` ORDER BY s.`__seq`) AS `__n` FROM `shop`.`prices__staging` s WHERE s.`__load` = 42) f WHERE f.`__n` = 1) s JOIN `shop`.`prices__replay` h ON h.`id` = s.`id` AND h.`region` = s.`region` AND h.`valid_to` = '9999-12-31 00:00:00.000000' AND h.`__seq` < s.`__seq` SET h.`valid_to` = s.`__at`, h.`__until` = s.`__seq`;
UPDATE (SELECT f.* FROM (SELECT s.`id`, s.`region`, s.`__seq`, s.`__at`, ROW_NUMBER() OVER (PARTITION BY s.`id`, s.`region` ORDER BY s.`__seq`) AS `__n` FROM `shop`.`prices__staging` s WHERE s.`__load` = 42) f WHERE f.`__n` = 1) s JOIN `shop`.`prices` h ON h.`id` = s.`id` AND h.`region` = s.`region` AND h.`valid_to` = '9999-12-31 00:00:00.000000' AND (h.`__seq` < 70000000000 OR (h.`__seq` % 10000000000 = 9999999999 AND h.`__seq` < s.`__seq`)) SET h.`valid_to` = s.`__at`;
DELETE t FROM `shop`.`prices` t LEFT JOIN `shop`.`prices__replay` z ON z.`id` = t.`id` AND z.`region` = t.`region` AND z.`__seq` = t.`__seq` AND z.`__op` <> 'D' WHERE z.`__op` IS NULL AND t.`__seq` >= 70000000000 AND NOT (t.`__seq` % 10000000000 = 9999999999);
DELETE t FROM `shop`.`prices` t JOIN `shop`.`prices__replay` c ON c.`id` = t.`id` AND c.`region` = t.`region` AND c.`__seq` < t.`__seq` AND (c.`__until` IS NULL OR c.`__until` > t.`__seq`) WHERE t.`__seq` >= 70000000000 AND t.`__seq` % 10000000000 = 9999999999;
INSERT INTO `shop`.`prices` (`id`, `region`, `total`, `milli`, `note`, `raw`, `ratio`, `valid_from`, `valid_to`, `__seq`) SELECT z.`id`, z.`region`, z.`total`, z.`milli`, z.`note`, z.`raw`, z.`ratio`, z.`valid_from`, z.`valid_to`, z.`__seq` FROM `shop`.`prices__replay` z WHERE z.`__op` = 'U' ON DUPLICATE KEY UPDATE `total` = VALUES(`total`), `milli` = VALUES(`milli`), `note` = VALUES(`note`), `raw` = VALUES(`raw`), `ratio` = VALUES(`ratio`), `valid_from` = VALUES(`valid_from`), `valid_to` = VALUES(`valid_to`);

-- verification
SELECT COUNT(*) AS row_count, COALESCE(SUM(CAST(CONV(SUBSTRING(digest, 1, 15), 16, 10) AS UNSIGNED)), 0) AS low, COALESCE(SUM(CAST(CONV(SUBSTRING(digest, 16, 15), 16, 10) AS UNSIGNED)), 0) AS high, COALESCE(SUM(digest IS NULL), 0) AS undigested FROM (SELECT MD5(CONCAT(IF(t.`id` IS NULL, '-', CONCAT(LENGTH(CAST(t.`id` AS CHAR)), ':', CAST(t.`id` AS CHAR))), IF(t.`region` IS NULL, '-', CONCAT(LENGTH(t.`region`), ':', t.`region`)), IF(t.`total` IS NULL, '-', CONCAT(LENGTH(CAST(t.`total` AS CHAR)), ':', CAST(t.`total` AS CHAR))), IF(t.`milli` IS NULL, '-', CONCAT(LENGTH(SUBSTRING(CAST(t.`milli` AS CHAR), 1, LENGTH(CAST(t.`milli` AS CHAR)) - 3)), ':', SUBSTRING(CAST(t.`milli` AS CHAR), 1, LENGTH(CAST(t.`milli` AS CHAR)) - 3))), IF(t.`note` IS NULL, '-', CONCAT(LENGTH(t.`note`), ':', t.`note`)), IF(t.`raw` IS NULL, '-', CONCAT(LENGTH(LOWER(HEX(t.`raw`))), ':', LOWER(HEX(t.`raw`)))))) AS digest FROM `shop`.`prices` t WHERE t.`id` > 1 AND t.`id` <= 9 AND t.`valid_to` = '9999-12-31 00:00:00.000000') x;
SELECT MD5(CONCAT(IF(t.`id` IS NULL, '-', CONCAT(LENGTH(CAST(t.`id` AS CHAR)), ':', CAST(t.`id` AS CHAR))), IF(t.`region` IS NULL, '-', CONCAT(LENGTH(t.`region`), ':', t.`region`)), IF(t.`total` IS NULL, '-', CONCAT(LENGTH(CAST(t.`total` AS CHAR)), ':', CAST(t.`total` AS CHAR))), IF(t.`milli` IS NULL, '-', CONCAT(LENGTH(SUBSTRING(CAST(t.`milli` AS CHAR), 1, LENGTH(CAST(t.`milli` AS CHAR)) - 3)), ':', SUBSTRING(CAST(t.`milli` AS CHAR), 1, LENGTH(CAST(t.`milli` AS CHAR)) - 3))), IF(t.`note` IS NULL, '-', CONCAT(LENGTH(t.`note`), ':', t.`note`)), IF(t.`raw` IS NULL, '-', CONCAT(LENGTH(LOWER(HEX(t.`raw`))), ':', LOWER(HEX(t.`raw`)))))) AS digest, CAST(t.`id` AS CHAR) AS k0, t.`region` AS k1, CAST(t.`ratio` AS CHAR) AS d0 FROM `shop`.`prices` t WHERE t.`id` > 1 AND t.`id` <= 9 AND t.`valid_to` = '9999-12-31 00:00:00.000000' ORDER BY CAST(CAST(t.`id` AS CHAR) AS BINARY), CAST(t.`region` AS BINARY);
SELECT COUNT(*) AS overlaps FROM (SELECT t.`valid_to` AS ended, LEAD(t.`valid_from`) OVER (PARTITION BY t.`id`, t.`region` ORDER BY t.`__seq`) AS began FROM `shop`.`prices` t WHERE t.`id` > 1 AND t.`id` <= 9) v WHERE v.ended > v.began + INTERVAL 1 HOUR;
SELECT CAST(t.`id` AS CHAR) AS c0, t.`region` AS c1, CAST(t.`total` AS CHAR) AS c2, SUBSTRING(CAST(t.`milli` AS CHAR), 1, LENGTH(CAST(t.`milli` AS CHAR)) - 3) AS c3, t.`note` AS c4, LOWER(HEX(t.`raw`)) AS c5, CAST(t.`ratio` AS CHAR) AS c6 FROM `shop`.`prices` t WHERE ((t.`id` = 1 AND t.`region` = 'a')) AND t.`valid_to` = '9999-12-31 00:00:00.000000';

-- repair
UPDATE `shop`.`prices__staging` s JOIN `shop`.`prices` h ON h.`id` = s.`id` AND h.`region` = s.`region` AND h.`valid_to` = '9999-12-31 00:00:00.000000' SET h.`total` = s.`total`, h.`milli` = s.`milli`, h.`note` = s.`note`, h.`raw` = s.`raw`, h.`ratio` = s.`ratio` WHERE s.`__load` = 43;
INSERT INTO `shop`.`prices` (`id`, `region`, `total`, `milli`, `note`, `raw`, `ratio`, `valid_from`, `valid_to`, `__seq`) SELECT s.`id`, s.`region`, s.`total`, s.`milli`, s.`note`, s.`raw`, s.`ratio`, GREATEST(s.`__at`, COALESCE(l.`__last`, s.`__at`)), '9999-12-31 00:00:00.000000', s.`__seq` FROM `shop`.`prices__staging` s LEFT JOIN `shop`.`prices` o ON o.`id` = s.`id` AND o.`region` = s.`region` AND o.`valid_to` = '9999-12-31 00:00:00.000000' LEFT JOIN (SELECT p.`id`, p.`region`, MAX(p.`valid_to`) AS `__last` FROM `shop`.`prices__staging` x JOIN `shop`.`prices` p ON p.`id` = x.`id` AND p.`region` = x.`region` WHERE x.`__load` = 43 GROUP BY p.`id`, p.`region`) l ON l.`id` = s.`id` AND l.`region` = s.`region` WHERE s.`__load` = 43 AND o.`valid_to` IS NULL ON DUPLICATE KEY UPDATE `total` = VALUES(`total`), `milli` = VALUES(`milli`), `note` = VALUES(`note`), `raw` = VALUES(`raw`), `ratio` = VALUES(`ratio`), `valid_to` = VALUES(`valid_to`);
UPDATE `shop`.`prices__staging` s LEFT JOIN `shop`.`prices__staging` r ON r.`__load` = 43 AND r.`id` = s.`id` AND r.`region` = s.`region` JOIN `shop`.`prices` h ON h.`id` = s.`id` AND h.`region` = s.`region` AND h.`valid_to` = '9999-12-31 00:00:00.000000' SET h.`valid_to` = GREATEST(s.`__at`, h.`valid_from`) WHERE s.`__load` = 44 AND r.`__load` IS NULL;

-- WITHOUT A KEY
-- tables
CREATE TABLE IF NOT EXISTS `shop`.`events` (
  `__row` CHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `__ordinal` BIGINT NOT NULL,
  `a` BIGINT NULL,
  `b` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  PRIMARY KEY (`__row`, `__ordinal`),
  SHARD KEY (`__row`),
  SORT KEY (`__row`)
);
CREATE TABLE IF NOT EXISTS `shop`.`events__staging` (
  `__load` BIGINT NOT NULL,
  `__op` CHAR(1) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `__seq` BIGINT NOT NULL,
  `__at` DATETIME(6) NOT NULL,
  `__row` CHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `__ordinal` BIGINT NOT NULL,
  `a` BIGINT NULL,
  `b` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  SHARD KEY (`__row`),
  SORT KEY (`__load`, `__seq`)
) COMMENT='penstock staging …';
CREATE TABLE IF NOT EXISTS `shop`.`events__raw` (
  `__row` CHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `a` BIGINT NULL,
  `b` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  SHARD KEY (`__row`),
  SORT KEY (`__row`)
);

-- structure
ALTER TABLE `shop`.`events` RENAME TO `shop`.`other`;
ALTER TABLE `shop`.`events` CHANGE `was` `is`;
SELECT COUNT(*) AS unfit FROM `shop`.`events` WHERE `a` NOT BETWEEN -9223372036854775808 AND 9223372036854775807 OR `a` <> ROUND(`a`);
SELECT COUNT(*) AS unfit FROM `shop`.`events` WHERE FALSE;

-- load
LOAD DATA LOCAL INFILE 'penstock.tsv' INTO TABLE `shop`.`x` CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' (`a`, `b`) SET `__load` = 42;

-- merge
DELETE FROM `shop`.`events`;
SELECT COALESCE(SUM(s.`__ordinal`), 0) AS copies FROM `shop`.`events__staging` s WHERE s.`__load` = 42 AND s.`__op` = 'D';
DELETE t FROM (SELECT s.`__row`, m.`last` - s.`__ordinal` AS `keep` FROM `shop`.`events__staging` s JOIN (SELECT s.`__row`, MAX(t.`__ordinal`) AS `last` FROM (SELECT DISTINCT s.`__row` FROM `shop`.`events__staging` s WHERE s.`__load` = 42 AND s.`__op` = 'D') s JOIN `shop`.`events` t ON t.`__row` = s.`__row` GROUP BY s.`__row`) m ON m.`__row` = s.`__row` WHERE s.`__load` = 42 AND s.`__op` = 'D') d JOIN `shop`.`events` t ON t.`__row` = d.`__row` AND t.`__ordinal` > d.`keep`;
INSERT INTO `shop`.`events` (`__row`, `__ordinal`, `a`, `b`) SELECT s.`__row`, COALESCE(m.`last`, 0) + s.`__ordinal`, s.`a`, s.`b` FROM `shop`.`events__staging` s LEFT JOIN (SELECT s.`__row`, MAX(t.`__ordinal`) AS `last` FROM (SELECT DISTINCT s.`__row` FROM `shop`.`events__staging` s WHERE s.`__load` = 42 AND s.`__op` = 'U') s JOIN `shop`.`events` t ON t.`__row` = s.`__row` GROUP BY s.`__row`) m ON m.`__row` = s.`__row` WHERE s.`__load` = 42 AND s.`__op` = 'U';

-- verification
SELECT COUNT(*) AS row_count, COALESCE(SUM(CAST(CONV(SUBSTRING(digest, 1, 15), 16, 10) AS UNSIGNED)), 0) AS low, COALESCE(SUM(CAST(CONV(SUBSTRING(digest, 16, 15), 16, 10) AS UNSIGNED)), 0) AS high, COALESCE(SUM(digest IS NULL), 0) AS undigested FROM (SELECT MD5(CONCAT(IF(t.`a` IS NULL, '-', CONCAT(LENGTH(CAST(t.`a` AS CHAR)), ':', CAST(t.`a` AS CHAR))), IF(t.`b` IS NULL, '-', CONCAT(LENGTH(t.`b`), ':', t.`b`)))) AS digest FROM `shop`.`events` t WHERE t.`a` > 1 AND t.`a` <= 9) x;
SELECT MD5(CONCAT(IF(t.`a` IS NULL, '-', CONCAT(LENGTH(CAST(t.`a` AS CHAR)), ':', CAST(t.`a` AS CHAR))), IF(t.`b` IS NULL, '-', CONCAT(LENGTH(t.`b`), ':', t.`b`)))) AS digest FROM `shop`.`events` t WHERE t.`a` > 1 AND t.`a` <= 9 ORDER BY digest;
