"""Names of institutions, companies, products, lots and divisions; what views people have, and who may read them.

The views themselves follow the report definitions: `pipelines.views.refresh` makes them after every migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    stays = "a name stays until a later published run brings another."
    _create(
        "institution_names",
        f"医疗机构名录: Institutions by code; {stays}",
        ("institution_code", "医疗机构编码: Institution.", False),
        ("name", "医疗机构名称: Its name.", False),
        ("jurisdiction_code", "统筹区编码: Six-digit division (GB/T 2260).", False),
        ("ownership", "机构性质: Who owns it.", False),
        ("level", "机构等级: Level of care.", True),
        ("responsible_person", "负责人: Who answers for it.", True),
    )
    _create(
        "enterprise_names",
        f"企业名录: Companies by code; {stays}",
        ("enterprise_code", "企业编码: Company: unified social credit code, or another.", False),
        ("name", "企业名称: Its name.", False),
    )
    _create(
        "product_names",
        f"产品名录: Products by national code; {stays}",
        ("product_code", "医保药品编码: Product.", False),
        ("generic_name", "产品名称: Generic name.", False),
        ("strength", "规格: Strength.", True),
        ("dosage_form", "剂型: Dosage form.", True),
        ("min_unit", "最小单位: Minimum unit its quantities are counted in (片, 粒, 支).", False),
    )
    _create(
        "lot_names",
        f"采购批次名录: Lots by code; {stays}",
        ("lot_code", "采购批次编码: Procurement lot.", False),
        ("name", "采购批次名称: Its name.", False),
    )
    _create(
        "division_names",
        "行政区划名录: Divisions by code, from the code list; a code that is not listed shows as itself.",
        ("jurisdiction_code", "统筹区编码: Six-digit division.", False),
        ("name", "统筹区名称: Its name.", False),
    )
    op.create_table(
        "people_views",
        sa.Column("place", sa.Integer(), nullable=False, comment="次序: Order in which views are made."),
        sa.Column("view_name", sa.Text(), nullable=False, comment="视图: Name of the view."),
        sa.Column("definition", sa.Text(), nullable=False, comment="定义: The SQL that made it."),
        sa.PrimaryKeyConstraint("view_name", name="pk_people_views"),
        comment="视图 / the people's views as they were made",
    )
    op.create_table(
        "readers",
        sa.Column("role_name", sa.Text(), nullable=False, comment="角色: Role of the database."),
        sa.Column("jurisdiction", sa.Text(), nullable=False, comment="统筹区: Prefix of the divisions it sees, empty for all."),
        sa.PrimaryKeyConstraint("role_name", "jurisdiction", name="pk_readers"),
        comment="只读角色 / who may read, and which divisions",
    )


def downgrade() -> None:
    for name in ("readers", "people_views", *_NAMES):
        op.drop_table(name)


_NAMES = ("division_names", "lot_names", "product_names", "enterprise_names", "institution_names")


def _create(name, comment, *columns):
    """A table of names; its first column is the key."""
    op.create_table(
        name,
        *(sa.Column(column, sa.Text(), nullable=nullable, comment=text) for column, text, nullable in columns),
        sa.PrimaryKeyConstraint(columns[0][0], name=f"pk_{name}"),
        comment=comment,
    )
