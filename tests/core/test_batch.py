"""How far a batch is, page by page."""

from core.batch import Progress, items_name, request_name

PAGE_OF_THREE = [
    {"status": "success", "saved_bytes": 700},
    {"status": "success", "saved_bytes": 50},
    {"status": "rejected", "saved_bytes": None},
]


def test_a_batch_begins_with_its_first_page_and_nothing_done() -> None:
    assert Progress("b1").to_dict() == {
        "batch_id": "b1",
        "next_page": 0,
        "total": None,
        "done": 0,
        "saved_bytes": 0,
        "by_status": {},
    }


def test_what_pages_bring_adds_up() -> None:
    first = Progress("b1", total=4).after(PAGE_OF_THREE, 1)
    assert first == Progress("b1", 1, 4, done=3, saved_bytes=750, by_status={"success": 2, "rejected": 1})
    last = first.after([{"status": "success", "saved_bytes": 5}], None)
    assert last == Progress("b1", None, 4, done=4, saved_bytes=755, by_status={"success": 3, "rejected": 1})


def test_a_batch_goes_on_from_what_crossed_the_durable_boundary() -> None:
    first = Progress("b1", total=4).after(PAGE_OF_THREE, 1)
    assert Progress(**first.to_dict()) == first


def test_a_batch_keeps_its_names_and_its_reports_in_one_folder_with_the_pages_in_order() -> None:
    assert request_name("b1") == "batches/b1/request.json"
    names = [items_name("b1", page) for page in (0, 2, 10, 1999)]
    assert names == sorted(names)
    assert names[1] == "batches/b1/items-00002.json"
