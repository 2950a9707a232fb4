"""Names for generics come from the products that they have."""

import polars as pl

from pipelines.publish.names import name_generics


def test_a_generic_and_a_drug_are_called_as_their_first_product_and_several_names_say_so():
    products = pl.LazyFrame(
        [
            ("XN02BEA067E001010199905", "XN02BEA067", "对乙酰氨基酚胶囊"),
            ("XN02BEA067A001010199905", "XN02BEA067", "对乙酰氨基酚片"),
            ("XC10AAA061A001010199901", "OWN", "阿托伐他汀钙片"),
            ("T001", "T001", "黄芪"),
        ],
        schema=["product_code", "generic_code", "generic_name"],
        orient="row",
    )
    assert name_generics(products).rows() == [
        ("OWN", "阿托伐他汀钙片"),
        ("T001", "黄芪"),
        ("XC10AAA061", "阿托伐他汀钙片"),
        ("XN02BEA067", "对乙酰氨基酚片等"),
    ]
