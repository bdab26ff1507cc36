# Saves the embeddings of a PyTorch model for examples/audit-embeddings.mjs. Needs torch and safetensors.
import torch
from safetensors.torch import save_file


def export(model, user_ids, item_ids):
    """model.users and model.items are torch.nn.Embedding, row by row in the order of the ids."""
    save_file({"weight": model.users.weight.detach().cpu().contiguous()}, "users.safetensors")
    save_file({"weight": model.items.weight.detach().cpu().contiguous()}, "items.safetensors")
    for name, ids in (("users.txt", user_ids), ("items.txt", item_ids)):
        with open(name, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{id}\n" for id in ids)


if __name__ == "__main__":
    checkpoint = torch.load("model.pt", weights_only=False)
    export(checkpoint["model"], checkpoint["user_ids"], checkpoint["item_ids"])
