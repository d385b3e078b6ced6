package bus

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// seals say what of the folder was read message by message, and found whole, so
// that a start reads only what came behind it. They lie beside the marks. What
// they say is believed only of files that are still the same, bit for bit; where
// there are none, or others, everything is read again.
type seals map[string]seal // by the stream's name

// A seal is a stream as it was read: its messages up to a place are in the
// first bytes of these files, which the server only appends to.
type seal struct {
	First  uint64           `json:"first"` // place of the oldest message
	Last   uint64           `json:"last"`
	Blocks map[string]block `json:"blocks"` // by the file's name
}

// A block is the beginning of a file of the server's.
type block struct {
	Size int64  `json:"size"` // bytes
	Sum  uint32 `json:"sum"`  // CRC-32C
}

// sealsFile is how seals are written.
type sealsFile struct {
	Version int             `json:"version"` // 1
	Sum     uint32          `json:"sum"`     // CRC-32C of Streams as it stands here
	Streams json.RawMessage `json:"streams"` // a seals
}

const sealsName = "seals.json"

// readSeals reads a log's seals. They can be made again: what cannot be read is
// none.
func readSeals(dir string) (s seals) {
	data, err := os.ReadFile(filepath.Join(dir, sealsName))
	var f sealsFile
	if err != nil || json.Unmarshal(data, &f) != nil || f.Version != 1 || crc32.Checksum(f.Streams, castagnoli) != f.Sum {
		return nil
	}
	if json.Unmarshal(f.Streams, &s) != nil {
		return nil
	}
	return s
}

func (s seals) write(dir string) error {
	streams, err := json.Marshal(s)
	if err != nil {
		return err
	}
	data, err := json.Marshal(sealsFile{1, crc32.Checksum(streams, castagnoli), streams})
	if err != nil {
		return err
	}
	return WriteFile(filepath.Join(dir, sealsName), append(data, '\n'))
}

// sealable says whether a stream's messages stay where they are. Those of
// buckets are replaced.
func sealable(stream string) bool { return strings.HasPrefix(stream, logPrefix) }

// blocksDir is where the server has a stream's messages.
func (n *Node) blocksDir(stream string) string {
	return filepath.Join(n.cfg.Dir, logName, "jetstream", "$G", "streams", stream, "msgs")
}

// holds says whether everything up to the seal is as it was, in a stream that is
// so now and has its messages in dir.
func (s seal) holds(dir string, is mark) bool {
	if s.Last == 0 || len(s.Blocks) == 0 || s.Last > is.Last || s.First != is.First || is.Messages != is.Last-is.First+1 {
		return false
	}
	for name, b := range s.Blocks {
		sum, err := sumOf(filepath.Join(dir, name), b.Size)
		if err != nil || sum != b.Sum {
			return false
		}
	}
	return true
}

// sealOf is the seal of a stream that was read. Of before those blocks are known
// that have not grown since.
func sealOf(dir string, is mark, before seal) (seal, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return seal{}, err
	}
	blocks := make(map[string]block, len(files))
	for _, f := range files {
		if filepath.Ext(f.Name()) != ".blk" {
			continue
		}
		info, err := f.Info()
		if err != nil {
			return seal{}, err
		}
		if had := before.Blocks[f.Name()]; had.Size == info.Size() {
			blocks[f.Name()] = had
			continue
		}
		sum, err := sumOf(filepath.Join(dir, f.Name()), info.Size())
		if err != nil {
			return seal{}, err
		}
		blocks[f.Name()] = block{info.Size(), sum}
	}
	return seal{is.First, is.Last, blocks}, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sumOf is the sum of a file's first bytes.
func sumOf(path string, size int64) (uint32, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	sum := crc32.New(castagnoli)
	if _, err := io.CopyN(sum, f, size); err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	return sum.Sum32(), nil
}
