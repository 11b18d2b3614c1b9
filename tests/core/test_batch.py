"""How far a batch is, page by page."""

import pytest

from core.batch import Progress, items_name, request_name

ID = "batch-" + "0123456789abcdef" * 2

PAGE_OF_THREE = [
    {"status": "success", "saved_bytes": 700},
    {"status": "success", "saved_bytes": 50},
    {"status": "rejected", "saved_bytes": None},
]


def test_a_batch_begins_with_its_first_page_and_nothing_done() -> None:
    assert Progress(ID).to_dict() == {
        "batch_id": ID,
        "next_page": 0,
        "total": None,
        "done": 0,
        "saved_bytes": 0,
        "by_status": {},
    }


def test_what_pages_bring_adds_up() -> None:
    first = Progress(ID, total=4).after(PAGE_OF_THREE, 1)
    assert first == Progress(ID, 1, 4, done=3, saved_bytes=750, by_status={"success": 2, "rejected": 1})
    last = first.after([{"status": "success", "saved_bytes": 5}], None)
    assert last == Progress(ID, None, 4, done=4, saved_bytes=755, by_status={"success": 3, "rejected": 1})


def test_a_batch_goes_on_from_what_crossed_the_durable_boundary() -> None:
    first = Progress(ID, total=4).after(PAGE_OF_THREE, 1)
    assert Progress(**first.to_dict()) == first


def test_a_batch_keeps_its_names_and_its_reports_in_one_folder_with_the_pages_in_order() -> None:
    assert request_name(ID) == f"batches/{ID}/request.json"
    names = [items_name(ID, page) for page in (0, 2, 10, 1999)]
    assert names == sorted(names)
    assert names[1] == f"batches/{ID}/items-00002.json"


@pytest.mark.parametrize("other", ["", "b1", "batch-", "../" + ID, ID + "/..", ID + "0", ID.upper(), ID + "\n"])
def test_what_is_no_id_of_a_batch_never_becomes_the_name_of_a_blob(other: str) -> None:
    with pytest.raises(ValueError, match="id of a batch"):
        Progress(other)
