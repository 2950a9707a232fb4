"""The texts of the READMEs, with places for what the world's tables say."""

ENGLISH = """# Sample landing zone

A small invented world in the shape of Cixi (330282) and Liaocheng (3715xx), with a hospital in Huaibei (340603), one in
Shanghai (310101) and five in Lanzhou (620102, 620103), to be run with `--as-of 2020-12-31`:

    vbp run --landing seeds/sample --as-of 2020-12-31

`python -m seeds.sample_maker` rewrites this folder byte for byte; do not edit it by hand.

## What is real and what is made up

Published facts, as far as general knowledge goes (check before official use):

- generic names, and strengths and packs in which such drugs are sold;
- product codes marked **R** below: rows of the national drug code list. The manufacturer, strength, pack and price given to
  them here need not be those of the code;
- selected prices marked **P**: results of the first national round (December 2018) and, for acarbose, of the second
  (January 2020), as published for that strength and pack;
- the document numbers of the lots
  {real_lots}, and those of the national lists; who stands on a list is made up.

Made up, everything else: institutions, companies and their identifiers (all contain `示例` or `XXXX`), people, all other
codes (the last digits 99xxx mark them), all other prices, quantities, invoices, payments, excuses, listings, the lots
{invented_lots}, and that these two places took part in `4+7` at all. Fully electronic invoices with 20 digits did
not exist in 2020; they stand here for their format. Nobody real is meant, and no figure describes a real institution.

| code | generic name | strength, pack | price (yuan a pack) | marks |
|---|---|---|---|---|
{products}

## Stories

Ordinary shipments follow the commitments. A delivery whose number speaks tells a special case: `PS-OVERSOLD-03`,
`PS-TOOMANY-01`, `PS-AFTERSALE-01`, `PS-MISMATCH-01`, `PS-MISSING-01`, `PS-NOBATCH-01`, `PS-EMERGENCY-01`,
`PS-REDFULL-01`, `PS-REDPART-01`, `PS-VOIDED-01`, `PS-REVERSED-01`, `PS-EXCESS-01`, `PS-BEFORE-01`, `PS-FUNDDIRECT-01`,
`PS-REPLACEMENT-01`, `PS-BLACKLIST-01`, `PS-OFFLINE-01`, `PS-OVERPRICED-01`, `PS-DISPUTE-01`, `PS-GIFT-01`,
`PS-OLDDEBT-01`, `PS-INSTEAD-01`, `PS-ORDERONLY-01`, `PS-INTRANSIT-01` …
(`seeds/sample_maker/world/stories.py`). Numbers that start with `Z` belong to the dirt.

Invoices that do not go together with others: number `3302204130`-`66000011` stands on two (`PS-MISSING-01`), two companies sold
batch `SX0003` to each other (`PS-TOOMANY-01`), `PS-SHORTINVOICE-01` has 30 packs on its invoice and 40 received, the money of
`PS-OVERPRICED-02` went to another company than the seller, and one manufacturer has two group sales companies. A mark-up is
found with a site's policy row only (`invoice_chain_markup`): no limit was found in any text.

Files named `further`, and those of Shanghai, hold shipments of the year before and of what no agreement names
(`seeds/sample_maker/further/shipments.py`): `PS-LASTYEAR-01` …, `PS-SURGE-01` (four times what is usual), `PS-NEGOTIATED-01`
(hospitals and a pharmacy), `PS-GOVERNED-01` (a consumable on the national list), `PS-FORMS-01` … `06` (three strengths of one
form, four forms of one drug), `PS-DECOCTION-01` (饮片; its code is of no national pattern), `PS-NOSTRENGTH-01`,
`PS-BRANCHALONE-01` (its head does not buy it),
`PS-SHANGHAI-01` … `03` (more than half of what was used is not selected).

## Agreements, prepayments, participation

Least quantities stand in `seeds/sample_maker/world/agreements.py`, which says how well each is kept. The others, budgets, caps
and bands, count what is bought anyway (amounts in yuan, quantities in minimum units):

| commitment | target, direction | agreed | what it is for |
|---|---|---|---|
{budgets}

An adjustment cancels `XY-NB-BUDGET-SIMV-C3`, others move the end of `XY-NB-BUDGET-XIAO-B2` back and that of
`XY-NB-BUDGET-RACE-C1` and (only after the as-of day) of `XY-4+7-KW-ROSU-L2` on.

Prepayments by institution, lot and start of the period; who has none did not apply:

| institution | lot | from | applied, paid | what it is for |
|---|---|---|---|---|
{grants}

The agency of 371522 is on no record; the commitments of `H37152200401` name none. An excuse counts for `H37150200102` (all lots)
and for `H33028200301` (`GY-2`); that of `H37152200301` names another lot than the one that lacks money.
`prepayment_not_settled` needs the parameter `prepayment_settle_days`, which no text fixes: the sample has what is not settled
(`H33028200103`, `4+7`), its finding appears with a site's policy row only. `H34060300101` lies in Huaibei, whose notice sets the
days for prepaying: elsewhere they are our default, and a finding is a warning.

`P33028200002` and `H37150200901` are designated and buy nothing on the platform; `P33028200003` and `P37150200001` are not
designated and count nowhere.

## Lists, usages, trace codes

The lists and who stands on them: `seeds/sample_maker/further/catalogues.py`. One entry ran out in 2019 (`XL01XEJ015`,
negotiated), one in June 2020 (`XC10AAX031A001010199906`, essential), one holds from 30 December 2020 on (`XH01BBS194`,
shortage), and some in one place only.

Usages follow what was bought. Used of what there was at the last opening and what came after it (a branch counts with its head):

| institutions | products | opening | used | what it is for |
|---|---|---|---|---|
{plans}

Each fourth usage is settled under the product's own code, each fourth under the fund's (`insurance_code`, where it has one), each
fourth under one that says nothing; the rest is paid by patients.

Trace codes received with deliveries: `H33028200101` has scanned every pack of its vaccine in April, some in June; of its later
deliveries the number on the delivery counts. `H33028200901` and `P33028200001` send no codes of what is selected. Single codes:

| code | what becomes of it |
|---|---|
{codes}

Findings that need a site's policy row, because no text that holds here fixes their limit: `essential_share_low`,
`essential_products_low`, `insured_products_low`, `monitored_growth_high`, `use_surge`, `emergency_often`. The sample has what
they would be raised for.

## Prices, conduct, delivery

Files of `gansu`, `gaotang`, `reference_prices` and `misconduct` (`seeds/sample_maker/market/`). Nobody in Lanzhou has agreements.
`PS-PEER-01` … `05`: five hospitals buy one drug in one month, the fifth far dearer. `PS-RISE-01` … `04`: one hospital pays one
supplier 6.90, 7.20, 6.60, 6.90, 9.60. `PS-ESTIMATED-01`: a pack that is not selected, dearer than its selected siblings say;
`PS-OVERPRICED-01` and `02` above the selected price. `PS-MARKUP-01` and `02`: charged above the purchase price (`03` is 饮片,
where it is allowed). `PS-FUNDDIRECT-03`: the fund pays the distributor. `91620100MA9XXXX420` brings little: `PS-PARTLY-01` …
`05`, `PS-SLOW-01` (all of it, late), `PS-SPLIT-01` and `02` (one order line, twice), `PS-NOTHING-01` … `13`. `PS-DISPERSED-01` …
`12`: Gaotang buys one drug from twelve companies in the last month.

Listings and payment standards hold for the nation, a province, a city or a county; some change on 1 July 2020, one ran out.
Companies are listed for the nation, and three for a place only (`blacklist/gansu`). Cases (`misconduct`):

| case | company | kind, sum, largest single sum | decided, repaired | what it is for |
|---|---|---|---|---|
{cases}

Findings that need a site's policy row: `sole_distributor`, `price_changes_often`, `price_rise`, `price_above_peers`.

## Surplus and evaluations

Bases of surplus (`surplus_bases`) and evaluations (`evaluations`; `seeds/sample_maker/judged/`). Steps of `surplus_ratio` are
published for Yibin from 2022 only: elsewhere a site's policy row says what may be kept. An adjustment ends `XY-GY-2-AMOX-L3` in
December, completed.

| institution | lot, item | to | units, price before | what it is for |
|---|---|---|---|---|
{bases}

| institution | kind, year | result, score | decided | what it is for |
|---|---|---|---|---|
{evaluations}

## Files

| file | encoding | rows |
|---|---|---|
{files}

`rows` counts data rows: titles, headers, 小计 and 合计 are none.

## Dirt

The clean world does not depend on any of these rows. `line` counts from 1 as the file stands, titles included; in Parquet it
is the row. Both rows of a conflicting key are rejected; of two identical rows one counts as the duplicate.

| file | sheet | line | outcome | what is wrong |
|---|---|---|---|---|
{dirt}
"""

CHINESE = """# 示例数据（落地区）

以慈溪（330282）和聊城（3715xx）为形、另有淮北（340603）和上海（310101）各一家、兰州（620102、620103）五家医疗机构、全部虚构的小型数据，运行方式：

    vbp run --landing seeds/sample --as-of 2020-12-31

`python -m seeds.sample_maker` 可逐字节重新生成本目录，请勿手工修改。

## 哪些真实，哪些虚构

公开事实（据一般了解，正式使用前请核对）：

- 药品通用名，以及这类药品通行的规格和包装；
- 下表标 **R** 的产品编码：取自国家医保药品编码；此处所写的生产企业、规格、包装和价格未必与该编码一致；
- 下表标 **P** 的中选价：第一批国家集采（2018年12月）公布的中选价，阿卡波糖为第二批（2020年1月）；
- {real_lots} 的文号，以及国家各类目录的文号；目录中列有哪些产品则为虚构。

其余全部虚构：机构、企业及其代码（均含“示例”或 `XXXX`）、人名、其他编码（末尾 99xxx）、其他价格、数量、发票、付款、备案、失信
记录、批次 {invented_lots}，以及两地参加“4+7”一事。20 位数电发票在 2020 年尚未推行，这里只为演示格式。
不影射任何真实单位和个人，任何数字都不代表真实机构的情况。

| 编码 | 通用名 | 规格与包装 | 价格（元/盒） | 标记 |
|---|---|---|---|---|
{products}

## 情节

一般配送由约定采购量推出；编号有含义的配送说明一个特殊情形，如 `PS-OVERSOLD-03`（超卖）、`PS-TOOMANY-01`（多于两票）、
`PS-AFTERSALE-01`（先售后购）、`PS-MISMATCH-01`（批号不符）、`PS-MISSING-01`（缺第一票）、`PS-NOBATCH-01`（无批号）、
`PS-REDFULL-01`（全额红冲）、`PS-REDPART-01`（部分红冲）、`PS-VOIDED-01`（作废重开）、`PS-REVERSED-01`（付款冲销）、
`PS-EXCESS-01`（多付）、`PS-BEFORE-01`（验收前付款）、`PS-FUNDDIRECT-01`（基金与生产企业直接结算）、
`PS-REPLACEMENT-01`（替补产品）、`PS-BLACKLIST-01`（失信企业）、`PS-OFFLINE-01`（网下采购）、
`PS-OLDDEBT-01`（拖欠半年以上）、`PS-INSTEAD-01`（以非中选药品代替）……见
`seeds/sample_maker/world/stories.py`。以 `Z` 开头的编号属于脏数据。

发票之间对不上的：发票号 `3302204130`-`66000011` 用了两次（`PS-MISSING-01`），两家企业就批号 `SX0003` 互相开票
（`PS-TOOMANY-01`），`PS-SHORTINVOICE-01` 开票 30 盒、验收 40 盒，`PS-OVERPRICED-02` 的货款付给了销方以外的企业，
一家生产企业有两家集团销售公司。加价过高的线索（`invoice_chain_markup`）须本地加上政策行才会出现：没有查到规定上限的文件。

名为 `further` 的文件和上海的文件载有上年的配送，以及没有协议的产品（`seeds/sample_maker/further/shipments.py`）：`PS-LASTYEAR-01`
等、`PS-SURGE-01`（为平常的四倍多）、`PS-NEGOTIATED-01`（医院与药店的谈判药品）、`PS-GOVERNED-01`（国家重点治理耗材）、
`PS-FORMS-01` 至 `06`（同一药品四种剂型、同一剂型三种规格）、`PS-DECOCTION-01`（饮片，编码不是国家编码）、
`PS-NOSTRENGTH-01`（无规格）、`PS-BRANCHALONE-01`（总院不采购）、`PS-SHANGHAI-01` 至 `03`（非中选用量过半）。

## 协议、预付与自愿参与

保底采购量见 `seeds/sample_maker/world/agreements.py`（写明各自完成到何种程度）。其余带预算、上限、区间的协议只统计本来就有的采购
（金额为元，数量为最小单位）：

| 协议 | 考核方式、方向 | 约定 | 用来说明 |
|---|---|---|---|
{budgets}

调整单取消 `XY-NB-BUDGET-SIMV-C3`，把 `XY-NB-BUDGET-XIAO-B2` 的期限提前，把 `XY-NB-BUDGET-RACE-C1` 的期限顺延；`XY-4+7-KW-ROSU-L2`
的顺延在统计截止日之后才生效。

预付按机构、批次、采购周期开始日列出；没有列出的没有申请：

| 机构 | 批次 | 周期开始 | 申请、拨付 | 用来说明 |
|---|---|---|---|---|
{grants}

莘县（371522）的经办机构未登记；`H37152200401` 的协议未写经办机构。备案对 `H37150200102`（全部批次）和 `H33028200301`（`GY-2`）
有效；`H37152200301` 的备案写的是另一批次。期满未清算（`prepayment_not_settled`）需要参数 `prepayment_settle_days`，没有文件作出
规定：示例数据有未清算的预付（`H33028200103`，`4+7`），但只有本地加上政策行才会出现这类发现。`H34060300101` 在淮北，当地通知规定了
拨付期限；其他地方的期限是本系统默认，逾期只作警告。

`P33028200002` 与 `H37150200901` 为定点机构而未在平台采购；`P33028200003` 与 `P37150200001` 不是定点机构，不计入。

## 目录、使用记录、追溯码

各目录及所列产品见 `seeds/sample_maker/further/catalogues.py`。其中一条于 2019 年到期（`XL01XEJ015`，谈判药品），一条于 2020 年
6 月到期（`XC10AAX031A001010199906`，基本药物），一条自 2020 年 12 月 30 日起有效（`XH01BBS194`，短缺药品），有些只在一地有效。

使用记录由购进推出。以最近一次期初与其后的购进为总量（分院与总院合计），使用的占比：

| 机构 | 产品 | 期初 | 使用 | 用来说明 |
|---|---|---|---|---|
{plans}

每四条使用记录中，一条以产品编码结算，一条以医保结算编码结算（有此编码的产品），一条以无从对应的编码结算，一条自费。

随收货扫描的追溯码：`H33028200101` 的疫苗 4 月逐盒采集，6 月缺一部分，之后以收货明细所填的追溯码数量为准；`H33028200901` 与
`P33028200001` 未报中选药品的追溯码。单个追溯码：

| 追溯码 | 情形 |
|---|---|
{codes}

以下问题的限值，没有适用于此地的文件规定，须本地加上政策行才会出现：`essential_share_low`、`essential_products_low`、
`insured_products_low`、`monitored_growth_high`、`use_surge`、`emergency_often`。示例数据中有相应的情形。

## 价格、信用、配送

见 `gansu`、`gaotang`、`reference_prices`、`misconduct` 各文件（`seeds/sample_maker/market/`）。兰州各家没有协议。`PS-PEER-01` 至
`05`：五家医疗机构同月采购同一药品，第五家价格明显偏高。`PS-RISE-01` 至 `04`：同一机构、同一配送企业先后 6.90、7.20、6.60、
6.90、9.60 元。
`PS-ESTIMATED-01`：未中选的包装，价格高于按中选包装推算的价格；`PS-OVERPRICED-01`、`02` 高于中选价。`PS-MARKUP-01`、`02`：收费高于
采购价（`03` 为饮片，允许加成）。`PS-FUNDDIRECT-03`：医保基金付给配送企业。`91620100MA9XXXX420` 配送不足：`PS-PARTLY-01` 至 `05`、
`PS-SLOW-01`（全部送到而超期）、`PS-SPLIT-01` 与 `02`（一条订单明细分两次送到）、`PS-NOTHING-01` 至 `13`。`PS-DISPERSED-01`
至 `12`：高唐在最后一个月向十二家企业采购同一药品。

挂网价和医保支付标准按全国、省、市、县执行，有的自 2020 年 7 月 1 日起变动，一条已到期。失信名单有的在全国有效，三条只在一地有效
（`blacklist/gansu`）。失信案件（`misconduct`）：

| 案件 | 企业 | 案由、涉案金额、单笔最大金额 | 认定、修复 | 用来说明 |
|---|---|---|---|---|
{cases}

以下问题须本地加上政策行才会出现：`sole_distributor`、`price_changes_often`、`price_rise`、`price_above_peers`。

## 结余留用与考核

结余测算（`surplus_bases`）与考核评价（`evaluations`）见 `seeds/sample_maker/judged/`。留用比例（`surplus_ratio`）只有宜宾自
2022 年起公布的分档，其他地方须本地加上政策行。调整单使 `XY-GY-2-AMOX-L3` 于 12 月届满（已完成）。

| 机构 | 批次、品种 | 届满 | 基期用量、集采前价格 | 用来说明 |
|---|---|---|---|---|
{bases}

| 机构 | 类型、年度 | 结果、得分 | 评定 | 用来说明 |
|---|---|---|---|---|
{evaluations}

## 文件

| 文件 | 编码 | 行数 |
|---|---|---|
{files}

行数只计数据行，不含标题、表头、小计、合计。

## 脏数据

正常数据不依赖以下任何一行。行号从 1 起按文件原样计（含标题行），Parquet 为行序号。主键冲突的各行全部拒收；完全相同的两行中
一行计为重复。

| 文件 | 工作表 | 行号 | 结果 | 问题 |
|---|---|---|---|---|
{dirt}
"""
